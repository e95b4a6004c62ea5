"""Operators with operands and attributes that they do not allow, or that ask for too much."""

import numpy as np
from onnx import TensorProto, helper

from corpus import f32, i64, one_node

IMAGE = [1, 2, 4, 4]
HUGE = 2**62


def ones(*shape):
    return np.ones(shape, np.float32)


def convolutions():
    w = ones(2, 2, 3, 3)
    yield "conv_zero_stride", one_node("Conv", IMAGE, w, strides=[0, 1])
    yield "conv_negative_stride", one_node("Conv", IMAGE, w, strides=[-1, 1])
    yield "conv_zero_dilation", one_node("Conv", IMAGE, w, dilations=[0, 1])
    yield "conv_huge_dilation", one_node("Conv", IMAGE, w, dilations=[HUGE, HUGE])
    yield "conv_huge_pads", one_node("Conv", IMAGE, w, pads=[HUGE, HUGE, HUGE, HUGE])
    yield "conv_negative_pads", one_node("Conv", IMAGE, w, pads=[-9, -9, -9, -9])
    yield "conv_odd_pads", one_node("Conv", IMAGE, w, pads=[1, 1, 1])
    yield "conv_kernel_above_input", one_node("Conv", IMAGE, ones(2, 2, 9, 9))
    yield "conv_kernel_shape_unlike_weights", one_node("Conv", IMAGE, w, kernel_shape=[5, 5])
    yield "conv_zero_group", one_node("Conv", IMAGE, w, group=0)
    yield "conv_negative_group", one_node("Conv", IMAGE, w, group=-1)
    yield "conv_group_not_a_divisor", one_node("Conv", IMAGE, w, group=3)
    yield "conv_channels", one_node("Conv", [1, 5, 4, 4], w)
    yield "conv_bias", one_node("Conv", IMAGE, w, ones(7))
    yield "conv_weight_rank", one_node("Conv", IMAGE, ones(2, 2))
    yield "conv_scalar", one_node("Conv", [], w)
    yield "conv_auto_pad", one_node("Conv", IMAGE, w, auto_pad="SOMEHOW")
    yield "conv_transpose_huge_stride", one_node("ConvTranspose", IMAGE, w, strides=[HUGE, HUGE])
    yield "conv_transpose_output_shape", one_node("ConvTranspose", IMAGE, w, output_shape=[-5, HUGE])


def pools():
    yield "pool_zero_kernel", one_node("MaxPool", IMAGE, kernel_shape=[0, 0])
    yield "pool_negative_kernel", one_node("AveragePool", IMAGE, kernel_shape=[-2, 2])
    yield "pool_kernel_above_input", one_node("MaxPool", IMAGE, kernel_shape=[9, 9])
    yield "pool_no_kernel", one_node("MaxPool", IMAGE)
    yield "pool_kernel_rank", one_node("MaxPool", IMAGE, kernel_shape=[2])
    yield "pool_zero_stride", one_node("MaxPool", IMAGE, kernel_shape=[2, 2], strides=[0, 0])
    yield "pool_huge_pads", one_node("AveragePool", IMAGE, kernel_shape=[2, 2], pads=[HUGE] * 4)
    yield "pool_matrix", one_node("MaxPool", [2], kernel_shape=[2])
    yield "pool_global_scalar", one_node("GlobalAveragePool", [])
    yield "lp_pool_zero_p", one_node("LpPool", IMAGE, kernel_shape=[2, 2], p=0)


def movements():
    x = [2, 3]
    yield "transpose_repeats", one_node("Transpose", x, perm=[0, 0])
    yield "transpose_out_of_range", one_node("Transpose", x, perm=[0, 2])
    yield "transpose_negative", one_node("Transpose", x, perm=[0, -1])
    yield "transpose_short", one_node("Transpose", x, perm=[0])
    yield "reshape_two_unknown", one_node("Reshape", x, i64(-1, -1))
    yield "reshape_minus_two", one_node("Reshape", x, i64(-2, -3))
    yield "reshape_other_count", one_node("Reshape", x, i64(4))
    yield "reshape_not_a_divisor", one_node("Reshape", x, i64(4, -1))
    yield "reshape_zero_behind_rank", one_node("Reshape", x, i64(6, 1, 0))
    yield "reshape_overflow", one_node("Reshape", x, i64(2**33, 2**33))
    yield "reshape_unknown_and_zero", one_node("Reshape", [0, 3], i64(0, -1), allowzero=1)
    yield "reshape_by_floats", one_node("Reshape", x, f32(3, 2))
    yield "reshape_rank_17", one_node("Reshape", x, i64(*[1] * 15, 2, 3))
    yield "split_sum", one_node("Split", x, i64(1, 5), outputs=2, axis=1)
    yield "split_negative", one_node("Split", x, i64(-1, 4), outputs=2, axis=1)
    yield "split_overflow", one_node("Split", x, i64(2**63 - 1, 2**63 - 1, 5), outputs=3, axis=1)
    yield "split_axis", one_node("Split", x, i64(1, 2), outputs=2, axis=7)
    yield "split_outputs", one_node("Split", x, i64(1, 2), outputs=3, axis=1)
    yield "split_zero_outputs", one_node("Split", x, opset=18, num_outputs=0)
    yield "split_huge_outputs", one_node("Split", x, opset=18, num_outputs=HUGE)
    yield "concat_axis", one_node("Concat", x, x, axis=2)
    yield "concat_shapes", one_node("Concat", x, [5, 4], axis=0)
    yield "concat_nothing", one_node("Concat", axis=0)
    yield "concat_overflow", one_node("Concat", [2**60], [2**60], [2**60], axis=0)
    yield "squeeze_other", one_node("Squeeze", x, i64(1))
    yield "unsqueeze_twice", one_node("Unsqueeze", x, i64(0, 0))
    yield "unsqueeze_far", one_node("Unsqueeze", x, i64(2**63 - 1))
    yield "flatten_axis", one_node("Flatten", x, axis=9)
    yield "slice_zero_step", one_node("Slice", x, i64(0), i64(1), i64(0), i64(0))
    yield "slice_lengths", one_node("Slice", x, i64(0, 0), i64(1))
    yield "slice_axis", one_node("Slice", x, i64(0), i64(1), i64(5))
    yield "slice_axis_twice", one_node("Slice", x, i64(0, 0), i64(1, 1), i64(0, 0))
    yield "expand_unlike", one_node("Expand", x, i64(5, 5))
    yield "expand_huge", one_node("Expand", [1], i64(2**40, 2**40))
    yield "expand_negative", one_node("Expand", [1], i64(-1))
    yield "tile_negative", one_node("Tile", x, i64(-1, 1))
    yield "tile_huge", one_node("Tile", x, i64(HUGE, HUGE))
    yield "tile_lengths", one_node("Tile", x, i64(2))
    yield "pad_below_zero", one_node("Pad", x, i64(-9, 0, 0, 0))
    yield "pad_huge", one_node("Pad", x, i64(2**63 - 1, 0, 2**63 - 1, 0))
    yield "pad_lengths", one_node("Pad", x, i64(1))
    yield "pad_mode", one_node("Pad", x, i64(0, 0, 0, 0), mode="magic")
    yield "depth_to_space_zero", one_node("DepthToSpace", IMAGE, blocksize=0)
    yield "depth_to_space_huge", one_node("DepthToSpace", IMAGE, blocksize=2**40)
    yield "space_to_depth_negative", one_node("SpaceToDepth", IMAGE, blocksize=-2)


def resamplings():
    yield "resize_huge_scale", one_node("Resize", IMAGE, None, f32(1, 1, 1e30, 1e30))
    yield "resize_zero_scale", one_node("Resize", IMAGE, None, f32(1, 1, 0, 1))
    yield "resize_negative_scale", one_node("Resize", IMAGE, None, f32(1, 1, -1, 1))
    yield "resize_nan_scale", one_node("Resize", IMAGE, None, f32(1, 1, np.nan, 1))
    yield "resize_inf_scale", one_node("Resize", IMAGE, None, f32(1, 1, np.inf, 1))
    yield "resize_lengths", one_node("Resize", IMAGE, None, f32(1, 1))
    yield "resize_negative_size", one_node("Resize", IMAGE, None, None, i64(1, 2, -4, 4))
    yield "resize_huge_size", one_node("Resize", IMAGE, None, None, i64(1, 2, HUGE, HUGE))
    yield "resize_nothing_given", one_node("Resize", IMAGE)
    yield "grid_sample_ranks", one_node("GridSample", IMAGE, [1, 2])


def generators():
    huge_value = helper.make_tensor("v", TensorProto.FLOAT, [2], [1, 2])
    yield "constant_of_shape_negative", one_node("ConstantOfShape", i64(-1))
    yield "constant_of_shape_overflow", one_node("ConstantOfShape", i64(2**40, 2**40))
    yield "constant_of_shape_two_values", one_node("ConstantOfShape", i64(2), value=huge_value)
    yield "range_zero_delta", one_node("Range", np.int64(0), np.int64(5), np.int64(0))
    yield "range_huge", one_node("Range", np.int64(0), np.int64(2**62), np.int64(1))
    yield "range_nan", one_node("Range", np.float32(0), np.float32(np.nan), np.float32(1))
    yield "range_inf", one_node("Range", np.float32(0), np.float32(np.inf), np.float32(1))
    yield "one_hot_huge", one_node("OneHot", i64(1), np.int64(2**62), f32(0, 1))
    yield "one_hot_negative", one_node("OneHot", i64(1), np.int64(-3), f32(0, 1))
    yield "eye_like_cube", one_node("EyeLike", [2, 2, 2])
    yield "eye_like_huge", one_node("EyeLike", [2**31, 2**27])
    yield "constant_nothing", one_node("Constant")
    yield "cast_to_999", one_node("Cast", [2], to=999)
    yield "cast_to_nothing", one_node("Cast", [2])
    yield "cast_to_2_to_the_32_plus_1", one_node("Cast", [2], to=2**32 + 1)


def indexings():
    x = [2, 3]
    yield "gather_axis", one_node("Gather", x, i64(0), axis=4)
    yield "gather_by_floats", one_node("Gather", x, f32(0))
    yield "gather_scalar", one_node("Gather", [], i64(0))
    yield "gather_elements_rank", one_node("GatherElements", x, i64(0))
    yield "gather_nd_deep", one_node("GatherND", x, np.zeros((1, 5), np.int64))
    yield "gather_nd_batch", one_node("GatherND", x, i64(0), batch_dims=9)
    yield "gather_folded_out_of_range", one_node("Gather", f32(1, 2), i64(7))
    yield "gather_folded_far_below", one_node("Gather", f32(1, 2), i64(-(2**63)))
    yield "scatter_nd_shapes", one_node("ScatterND", x, np.zeros((2, 1), np.int64), ones(5, 5))
    yield "scatter_elements_rank", one_node("ScatterElements", x, i64(0), f32(1))
    yield "scatter_folded_out_of_range", one_node("ScatterElements", f32(1, 2), i64(9), f32(1))
    yield "top_k_above_axis", one_node("TopK", x, i64(9), outputs=2)
    yield "top_k_negative", one_node("TopK", x, i64(-1), outputs=2)
    yield "top_k_two", one_node("TopK", x, i64(1, 1), outputs=2)
    yield "arg_max_axis", one_node("ArgMax", x, axis=-3)
    yield "cum_sum_axis", one_node("CumSum", x, np.int64(5))
    yield "compress_shape", one_node("Compress", x, np.array([True] * 9), axis=0)
    yield "trilu_vector", one_node("Trilu", [3])
    yield "reverse_sequence_axes", one_node("ReverseSequence", x, i64(1, 1), batch_axis=0, time_axis=0)


def arithmetic():
    yield "add_shapes", one_node("Add", [2], [3])
    yield "add_one_operand", one_node("Add", [2])
    yield "add_no_operand", one_node("Add")
    yield "relu_absent", one_node("Relu", None)
    yield "add_dtypes", one_node("Add", [2], i64(1, 2))
    yield "where_condition", one_node("Where", [2], [2], [2])
    yield "matmul_inner", one_node("MatMul", [2, 3], [4, 5])
    yield "matmul_scalar", one_node("MatMul", [], [2])
    yield "matmul_batches", one_node("MatMul", [2, 3, 4], [5, 4, 3])
    yield "matmul_overflow", one_node("MatMul", [2**40, 1], [1, 2**40])
    yield "gemm_vector", one_node("Gemm", [2], [2, 2])
    yield "gemm_bias", one_node("Gemm", [2, 3], [3, 4], [7])
    yield "einsum_no_equation", one_node("Einsum", [2], [2])
    yield "einsum_junk", one_node("Einsum", [2], [2], equation="i,,->>..j")
    yield "einsum_operands", one_node("Einsum", [2], [2], equation="i->i")
    yield "einsum_unknown_output", one_node("Einsum", [2], [2], equation="i,i->z")
    yield "einsum_ranks", one_node("Einsum", [2], [2], equation="ij,jk->ik")
    yield "einsum_sizes", one_node("Einsum", [2, 3], [4, 5], equation="ij,jk->ik")
    yield "softmax_axis", one_node("Softmax", [2, 3], axis=2)
    yield "softmax_axis_word", one_node("Softmax", [2, 3], axis="last")
    yield "softmax_far_axis", one_node("Softmax", [2, 3], axis=-(2**63))
    yield "reduce_axis", one_node("ReduceMean", [2, 3], axes=[0, 9])
    yield "reduce_axes_by_floats", one_node("ReduceSum", [2, 3], f32(0))
    yield "clip_bounds", one_node("Clip", [2], f32(1, 2, 3))


def normalizations():
    x = [2, 4]
    yield "layer_norm_scale", one_node("LayerNormalization", x, ones(9))
    yield "layer_norm_axis", one_node("LayerNormalization", x, ones(4), axis=5)
    yield "batch_norm_parameters", one_node("BatchNormalization", IMAGE, ones(2), ones(2), ones(3), ones(2))
    yield "batch_norm_missing", one_node("BatchNormalization", IMAGE, ones(2))
    yield "instance_norm_rank", one_node("InstanceNormalization", [2], ones(2), ones(2))
    yield "group_norm_zero", one_node("GroupNormalization", IMAGE, ones(2), ones(2), opset=21, num_groups=0)
    yield "group_norm_not_a_divisor", one_node("GroupNormalization", IMAGE, ones(2), ones(2), opset=21, num_groups=3)
    yield "lrn_zero", one_node("LRN", IMAGE, size=0)
    yield "attention_heads", one_node("Attention", [1, 2, 8], [1, 2, 8], [1, 2, 8], opset=23, q_num_heads=0, kv_num_heads=0)
    yield "attention_uneven", one_node("Attention", [1, 2, 8], [1, 2, 8], [1, 2, 8], opset=23, q_num_heads=3, kv_num_heads=3)
    yield "contrib_attention_heads", one_node("Attention", [1, 2, 4], ones(4, 12), ones(12), domain="com.microsoft", num_heads=0)
    yield "contrib_mha_heads", one_node("MultiHeadAttention", [1, 2, 4], [1, 2, 4], [1, 2, 4], domain="com.microsoft", num_heads=3)
    yield "quantize_zero_point", one_node("QuantizeLinear", x, f32(1, 2, 3), np.zeros(2, np.int8), axis=1)
    yield "dequantize_axis", one_node("DequantizeLinear", x, ones(4), axis=9, dtype=TensorProto.INT8)
    yield "dequantize_floats", one_node("DequantizeLinear", x, np.float32(1))
    yield "perm_as_integer", one_node("Transpose", x, perm=1)
    yield "pads_as_floats", one_node("MaxPool", IMAGE, kernel_shape=[2.0, 2.0])


def allowed():
    yield "pad_reflect_again", one_node("Pad", [2, 3], i64(9, 0, 9, 0), mode="reflect")
    yield "reduce_axis_twice", one_node("ReduceMean", [2, 3], axes=[0, 0])
    yield "leaky_relu_nan", one_node("LeakyRelu", [2], alpha=float("nan"))
    yield "elu_infinite", one_node("Elu", [2], alpha=float("inf"))
    yield "layer_norm_negative_epsilon", one_node("LayerNormalization", [2, 4], ones(4), epsilon=-1.0)
    yield "slice_lowest_step", one_node("Slice", [4], i64(2**63 - 1), i64(-(2**63)), i64(0), i64(-(2**63)))
    yield "slice_highest_step", one_node("Slice", [4], i64(-(2**63)), i64(2**63 - 1), i64(0), i64(2**63 - 1))
    yield "concat_of_empty", one_node("Concat", [0], [2], axis=0)
    yield "matmul_of_empty", one_node("MatMul", [0, 0], [0, 3])
    yield "reduce_of_empty", one_node("ReduceSum", [0, 3], i64(0))
    yield "split_to_empty", one_node("Split", [2, 3], i64(0, 3), outputs=2, axis=1)
    yield "expand_to_a_petabyte", one_node("Expand", [1], i64(2**48))
    yield "constant_of_petabyte", one_node("ConstantOfShape", i64(2**48))
    yield "empty_softmax", one_node("Softmax", [0, 3])
    yield "huge_input", one_node("Relu", [2**40])
    yield "clip_crossed", one_node("Clip", [2], np.float32(2), np.float32(1))
    yield "unknown_attribute", one_node("Relu", [2], frobnicate=3)
    yield "trilu_far", one_node("Trilu", [3, 3], np.int64(2**63 - 1))
    yield "eye_like_far", one_node("EyeLike", [2, 2], k=-(2**63))


def add_operator_cases(corpus):
    families = (convolutions, pools, movements, resamplings, generators, indexings, arithmetic, normalizations)
    for family in families:
        for name, model in family():
            corpus.add(f"op_{name}", model, "culprit")
    for name, model in allowed():
        corpus.add(f"op_{name}", model, loads=True)
