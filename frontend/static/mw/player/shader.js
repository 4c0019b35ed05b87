/**
 * The viewer's shaders. Source pixels are fetched by whole numbers, never filtered by the driver:
 * from 100 % on a device pixel shows one stored pixel; below, the mean of those it covers.
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
 * The one shader that draws panes; a view is a mode of it.
 * @param {readonly View[]} views their place in the list is the mode
 * @returns {string} fragment shader
 */
export function fragmentShader(views) {
  const functions = views.map(({ id, glsl }) => `vec3 view_${id}(vec3 a, vec3 b, vec2 at, float amount) { ${glsl} }`);
  const cases = views.map(({ id }, mode) => `    case ${mode}: return view_${id}(a, b, at, amount);`);
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
out vec4 colour;
uniform sampler2D stream_a, stream_b;
uniform int mode;
uniform float amount;
uniform vec2 top_left;
uniform float scale;
uniform vec2 size;

${functions.join("\n")}

vec3 pixel_in(sampler2D stream, vec2 at) {
  ivec2 own = textureSize(stream, 0);
  return texelFetch(stream, clamp(ivec2(at * vec2(own)), ivec2(0), own - 1), 0).rgb;
}

vec3 shade(vec2 pixel) {
  vec2 at = (floor(pixel) + 0.5) / size;
  vec3 a = pixel_in(stream_a, at);
  vec3 b = pixel_in(stream_b, at);
  switch (mode) {
${cases.join("\n")}
  }
  return a;
}

void main() {
  vec2 pixel = vec2(gl_FragCoord.x - top_left.x, top_left.y - gl_FragCoord.y) / scale;
  int taps = clamp(int(ceil(1.0 / scale - 0.001)), 1, 8);
  vec3 sum = vec3(0.0);
  for (int y = 0; y < taps; y++) for (int x = 0; x < taps; x++) {
    vec2 offset = (vec2(x, y) + 0.5) / float(taps) - 0.5;
    sum += shade(clamp(pixel + (taps > 1 ? offset / scale : vec2(0.0)), vec2(0.0), size - 0.5));
  }
  colour = vec4(sum / float(taps * taps), 1.0);
}
`;
}
