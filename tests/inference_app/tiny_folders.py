"""Networks that a person puts there as a folder, in small: the real classes, weights at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch


def write_sam2(folder: Path, side: int = 64) -> None:
    """Write a SAM 2 that looks at ``side`` pixels into ``folder``."""
    from transformers.models.sam2_video.configuration_sam2_video import Sam2VideoConfig
    from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoModel

    steps = [side // 4, side // 8, side // 16]
    config = Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": {
                "model_type": "sam2_hiera_det_model", "hidden_size": 8, "num_attention_heads": 1,
                "image_size": [side, side], "blocks_per_stage": [1, 1, 2, 1],
                "embed_dim_per_stage": [8, 16, 32, 64],
                "num_attention_heads_per_stage": [1, 1, 2, 2],
                "window_size_per_stage": [4, 4, 4, 2], "global_attention_blocks": [3],
                "window_positional_embedding_background_size": [2, 2],
            },
            "backbone_channel_list": [64, 32, 16, 8], "fpn_hidden_size": 128,
            "backbone_feature_sizes": [[one, one] for one in steps],
        },
        prompt_encoder_config={"hidden_size": 128, "image_size": side, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 128, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 16
        },
        image_size=side, memory_attention_hidden_size=128, memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32, memory_encoder_hidden_size=128,
        memory_attention_rope_feat_sizes=[steps[2], steps[2]], memory_encoder_output_channels=64,
        mask_downsampler_embed_dim=128, memory_fuser_embed_dim=128,
        memory_fuser_intermediate_dim=32, memory_fuser_num_layers=1,
    )  # fmt: skip
    torch.manual_seed(3)
    network = Sam2VideoModel(config)
    _drawn_wider(network, 0.15)
    # It always believes that there is something, as a network that has learned does of an object.
    torch.nn.init.constant_(network.mask_decoder.pred_obj_score_head.proj_out.bias, 4.0)
    network.save_pretrained(folder)


def write_detector(folder: Path, kind: str, side: int = 64, *, somebody: bool = True) -> None:
    """Write an ``rt_detr`` or ``d_fine`` of two classes, the second people; it sees somebody in
    whatever it looks at, or nobody."""
    torch.manual_seed(7)
    shared: dict[str, Any] = {
        "encoder_hidden_dim": 16, "encoder_ffn_dim": 16, "encoder_attention_heads": 2,
        "d_model": 16, "decoder_ffn_dim": 16, "decoder_layers": 2, "decoder_attention_heads": 2,
        "decoder_in_channels": [16, 16, 16], "num_queries": 6, "num_denoising": 0,
        "id2label": {0: "cat", 1: "person"}, "label2id": {"cat": 0, "person": 1},
    }  # fmt: skip
    if kind == "rt_detr":
        from transformers.models.rt_detr.configuration_rt_detr import RTDetrConfig
        from transformers.models.rt_detr.modeling_rt_detr import RTDetrForObjectDetection

        backbone = {
            "model_type": "rt_detr_resnet", "embedding_size": 8, "hidden_sizes": [8, 8, 16, 16],
            "depths": [1, 1, 1, 1], "layer_type": "basic", "out_indices": [2, 3, 4],
        }  # fmt: skip
        network: Any = RTDetrForObjectDetection(
            RTDetrConfig(backbone_config=backbone, encoder_in_channels=[8, 16, 16], **shared)
        )
    else:
        from transformers.models.d_fine.configuration_d_fine import DFineConfig
        from transformers.models.d_fine.modeling_d_fine import DFineForObjectDetection

        backbone = {
            "model_type": "hgnet_v2", "stem_channels": [3, 8, 8],
            "stage_in_channels": [8, 8, 16, 16],
            "stage_mid_channels": [8, 8, 8, 8], "stage_out_channels": [8, 16, 16, 16],
            "stage_num_blocks": [1, 1, 1, 1], "stage_numb_of_layers": [1, 1, 1, 1],
            "embedding_size": 8, "hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1],
            "out_indices": [2, 3, 4],
        }  # fmt: skip
        network = DFineForObjectDetection(
            DFineConfig(backbone_config=backbone, encoder_in_channels=[16, 16, 16], **shared)
        )
    _drawn_wider(network, 0.25)
    for layer in network.model.decoder.class_embed:
        torch.nn.init.constant_(layer.bias, 4.0 if somebody else -20.0)
    network.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"size": {"height": side, "width": side}})
    )


def _drawn_wider(network: Any, deviation: float) -> None:
    """What networks start from is flat: drawn wider, so that pictures make a difference."""
    for parameter in network.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=deviation)
