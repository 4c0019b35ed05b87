import assert from "node:assert/strict";
import { test } from "node:test";

import { themeCookie, themeOf } from "./theme.js";

test("the theme is read from among other cookies", () => {
  assert.equal(themeOf("csrftoken=abc; theme=dark; x=1"), "dark");
  assert.equal(themeOf("theme=light"), "light");
});

test("without a choice, or with one that is unknown, the system decides", () => {
  assert.equal(themeOf(""), "system");
  assert.equal(themeOf("theme=pink"), "system");
  assert.equal(themeOf("mytheme=dark"), "system");
});

test("choosing the system removes the cookie", () => {
  assert.match(themeCookie("system"), /max-age=0/);
  assert.match(themeCookie("dark"), /theme=dark; path=\/; max-age=31536000; samesite=lax/);
});
