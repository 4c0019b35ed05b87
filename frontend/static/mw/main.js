/** What every page needs: theme, menus, dialogs, toasts, keyboard, the film of a card. */
import "./film/film.js";
import "./jobs/job_count.js";
import { startKeyboard } from "./keyboard/keyboard.js";
import { startDialogs } from "./lib/dialogs.js";
import { startMenus } from "./lib/menus.js";
import { startTheme } from "./theme/theme.js";
import { startToasts } from "./toast/toast.js";

startTheme(document);
startMenus(document);
startDialogs(document);
startToasts(document);
startKeyboard(document);
