"""Surfaces: one principled shader, with a pattern where one is asked for (Blender 4.2 to 4.5)."""

from __future__ import annotations

from typing import Any

import bpy


def make_material(name: str, words: dict[str, Any]) -> bpy.types.Material:
    """Return a material; ``words`` holds colours 0..1 and the shader's inputs by our names."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    for ours, theirs in _INPUTS.items():
        if ours in words:
            shader.inputs[theirs].default_value = words[ours]
    shader.inputs["Base Color"].default_value = (*words["color"], 1)
    if words.get("pattern", "plain") != "plain":
        pattern = _PATTERNS[words["pattern"]](tree, words)
        tree.links.new(pattern, shader.inputs["Base Color"])
    if words.get("ripples"):
        _add_ripples(tree, shader, words)
    return material


def make_smoke(name: str, words: dict[str, Any], shape: dict[str, Any]) -> bpy.types.Material:
    """Return smoke that fills a ball: dense in its middle, in clouds, and nothing at its rim."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    coordinates, mapping = (tree.nodes.new(f"ShaderNode{n}") for n in ("TexCoord", "Mapping"))
    mapping.inputs["Scale"].default_value = (2, 2, 2)
    mapping.inputs["Location"].default_value = (-1, -1, -1)
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    ball, clouds = (tree.nodes.new(f"ShaderNodeTex{n}") for n in ("Gradient", "Noise"))
    ball.gradient_type, clouds.noise_dimensions = "SPHERICAL", "4D"
    clouds.inputs["W"].default_value = shape["seed"] % 997
    clouds.inputs["Scale"].default_value = shape["bumps"]
    clouds.inputs["Detail"].default_value = 4.0
    for node in (ball, clouds):
        tree.links.new(mapping.outputs["Vector"], node.inputs["Vector"])
    torn = tree.nodes.new("ShaderNodeMapRange")
    torn.inputs["From Min"].default_value, torn.inputs["From Max"].default_value = 0.35, 0.65
    torn.inputs["To Max"].default_value = shape["depth"]
    tree.links.new(clouds.outputs["Fac"], torn.inputs["Value"])
    dense = tree.nodes.new("ShaderNodeMath")
    dense.operation = "MULTIPLY"
    tree.links.new(ball.outputs["Fac"], dense.inputs[0])
    tree.links.new(torn.outputs["Result"], dense.inputs[1])
    scatter, output = (
        tree.nodes.new(f"ShaderNode{n}") for n in ("VolumeScatter", "OutputMaterial")
    )
    scatter.inputs["Color"].default_value = (*words["color"], 1)
    tree.links.new(dense.outputs["Value"], scatter.inputs["Density"])
    tree.links.new(scatter.outputs["Volume"], output.inputs["Volume"])
    return material


_INPUTS = {
    "metallic": "Metallic",
    "roughness": "Roughness",
    "ior": "IOR",
    "specular": "Specular IOR Level",
    "transmission": "Transmission Weight",
    "coat": "Coat Weight",
}


def _place(tree: Any, scale: float) -> Any:
    """Return coordinates of the object itself, so that a pattern moves with it."""
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (scale, scale, scale)
    tree.links.new(coordinates.outputs["Object"], mapping.inputs["Vector"])
    return mapping.outputs["Vector"]


def _mixed(tree: Any, factor: Any, words: dict[str, Any]) -> Any:
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (*words["color"], 1)
    ramp.color_ramp.elements[1].color = (*words["second"], 1)
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.35, 0.65
    tree.links.new(factor, ramp.inputs["Fac"])
    return ramp.outputs["Color"]


def _checker(tree: Any, words: dict[str, Any]) -> Any:
    node = tree.nodes.new("ShaderNodeTexChecker")
    node.inputs["Scale"].default_value = 1.0
    node.inputs["Color1"].default_value = (*words["color"], 1)
    node.inputs["Color2"].default_value = (*words["second"], 1)
    tree.links.new(_place(tree, words["scale"]), node.inputs["Vector"])
    return node.outputs["Color"]


def _planks(tree: Any, words: dict[str, Any]) -> Any:
    node = tree.nodes.new("ShaderNodeTexBrick")
    node.inputs["Color1"].default_value = (*words["color"], 1)
    node.inputs["Color2"].default_value = (*words["second"], 1)
    node.inputs["Mortar"].default_value = (*(channel * 0.4 for channel in words["color"]), 1)
    node.inputs["Mortar Size"].default_value = 0.006
    node.inputs["Brick Width"].default_value, node.inputs["Row Height"].default_value = 1.4, 0.2
    node.inputs["Scale"].default_value = 1.0
    tree.links.new(_place(tree, words["scale"]), node.inputs["Vector"])
    return node.outputs["Color"]


def _clouds(tree: Any, words: dict[str, Any]) -> Any:
    node = tree.nodes.new("ShaderNodeTexNoise")
    node.inputs["Detail"].default_value = 8.0
    tree.links.new(_place(tree, words["scale"]), node.inputs["Vector"])
    return _mixed(tree, node.outputs["Fac"], words)


def _cells(tree: Any, words: dict[str, Any]) -> Any:
    node = tree.nodes.new("ShaderNodeTexVoronoi")
    tree.links.new(_place(tree, words["scale"]), node.inputs["Vector"])
    return _mixed(tree, node.outputs["Distance"], words)


def _stripes(tree: Any, words: dict[str, Any]) -> Any:
    node = tree.nodes.new("ShaderNodeTexWave")
    tree.links.new(_place(tree, words["scale"]), node.inputs["Vector"])
    return _mixed(tree, node.outputs["Fac"], words)


def _add_ripples(tree: Any, shader: Any, words: dict[str, Any]) -> None:
    """Bend the normals by noise, as wind does on water."""
    waves = tree.nodes.new("ShaderNodeTexNoise")
    waves.inputs["Detail"].default_value = 4.0
    tree.links.new(_place(tree, 1.5), waves.inputs["Vector"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = words["ripples"]
    bump.inputs["Distance"].default_value = 0.1
    tree.links.new(waves.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])


_PATTERNS = {
    "checker": _checker,
    "planks": _planks,
    "clouds": _clouds,
    "cells": _cells,
    "stripes": _stripes,
}
