/**
 * The viewer's shaders, in the order they run: planes to RGB, the view, the zoom. Up to the zoom
 * everything has the size of the picture, and pixels are fetched by whole numbers.
 */

/** @typedef {import("./views/view.js").View} View */

export const VERTEX = `#version 300 es
in vec2 corner;
void main() { gl_Position = vec4(corner, 0.0, 1.0); }
`;

/**
 * From planes to RGB, once per frame and stream. The same arithmetic as pixelAt() in picture.js.
 */
export const CONVERT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
out vec4 colour;
uniform sampler2D plane_0, plane_1, plane_2;
uniform bool interleaved;
uniform ivec2 size;
uniform vec4 matrix[3];

vec2 chroma(int x, int y) {
  vec2 first = texelFetch(plane_1, ivec2(x, y), 0).rg;
  return interleaved ? first : vec2(first.r, texelFetch(plane_2, ivec2(x, y), 0).r);
}

void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 last = size / 2 - 1;
  ivec2 at = p / 2;
  int near = min(at.x + (p.x & 1), last.x);
  int other = clamp((p.y & 1) == 1 ? at.y + 1 : at.y - 1, 0, last.y);
  vec2 mixed = 0.375 * (chroma(at.x, at.y) + chroma(near, at.y)) + 0.125 * (chroma(at.x, other) + chroma(near, other));
  vec4 yuv = vec4(texelFetch(plane_0, p, 0).r, mixed, 1.0 / 255.0);
  colour = vec4(dot(matrix[0], yuv), dot(matrix[1], yuv), dot(matrix[2], yuv), 1.0);
}
`;

/**
 * The one shader of the views, a mode each. It runs at the size of the picture, before any zoom, so
 * a view that marks single values marks the same pixels however small they are shown.
 * @param {readonly View[]} views their place in the list is the mode
 * @returns {string} fragment shader
 */
export function viewShader(views) {
  const functions = views.map(({ id, glsl }) => `vec3 view_${id}(vec3 a, vec3 b, vec3 c, vec2 at, vec4 values) { ${glsl} }`);
  const cases = views.map(({ id }, mode) => `    case ${mode}: return view_${id}(a, b, c, at, values);`);
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
out vec4 colour;
uniform sampler2D stream_a, stream_b, stream_c;
uniform int mode;
uniform vec4 values;
uniform vec2 size;
// What is seen of each picture: left, top, width, height, each a share of it.
uniform vec4 seen[3];

${functions.join("\n")}

vec3 pixel_in(sampler2D stream, vec4 part, vec2 at) {
  return texelFetch(stream, ivec2((part.xy + at * part.zw) * vec2(textureSize(stream, 0))), 0).rgb;
}

vec3 shade(vec2 at) {
  vec3 a = pixel_in(stream_a, seen[0], at);
  vec3 b = pixel_in(stream_b, seen[1], at);
  vec3 c = pixel_in(stream_c, seen[2], at);
  switch (mode) {
${cases.join("\n")}
  }
  return a;
}

void main() { colour = vec4(shade(gl_FragCoord.xy / size), 1.0); }
`;
}

/** From 100 % on: a device pixel shows one pixel of the picture, fetched by whole numbers. */
export const MAGNIFY = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
out vec4 colour;
uniform sampler2D picture;
uniform vec2 top_left;
uniform vec2 step_size;
uniform vec2 size;
void main() {
  vec2 pixel = clamp((gl_FragCoord.xy - top_left) * step_size, vec2(0.0), size - 0.5);
  colour = vec4(texelFetch(picture, ivec2(pixel / size * vec2(textureSize(picture, 0))), 0).rgb, 1.0);
}
`;

/** Below 100 %: a device pixel shows the mean of what it covers, by the driver's filter. */
export const REDUCE = `#version 300 es
precision highp float;
precision highp sampler2D;
out vec4 colour;
uniform sampler2D picture;
uniform vec2 top_left;
uniform vec2 step_size;
uniform vec2 size;
void main() { colour = vec4(texture(picture, (gl_FragCoord.xy - top_left) * step_size / size).rgb, 1.0); }
`;
