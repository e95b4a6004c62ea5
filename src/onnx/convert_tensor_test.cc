#include "onnx/convert_tensor.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

namespace nitro::onnx {
namespace {

using Proto = ::onnx::TensorProto;

Proto tensor_of(int data_type, const std::vector<int64_t>& dims) {
  Proto proto;
  proto.set_name("t");
  proto.set_data_type(data_type);
  for (int64_t dim : dims) proto.add_dims(dim);
  return proto;
}

Result<Tensor> take(Proto proto) {
  std::vector<std::string> notes;
  const FileDescriptor no_folder;
  return take_tensor(proto, {no_folder, {}, notes});
}

std::string error_of(const Proto& proto) {
  const auto tensor = take(proto);
  return tensor ? "" : tensor.error().text();
}

TEST(ConvertTensor, EachDataTypeHasItsNumber) {
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_onnx(dtype_to_onnx(dtype)), dtype) << name(dtype);
  }
  EXPECT_EQ(dtype_from_onnx(Proto::UINT64).error().code, ErrorCode::kUnsupportedDtype);
  for (int64_t number : {int64_t{0}, int64_t{-1}, int64_t{999}, (int64_t{1} << 32) + 1}) {
    EXPECT_EQ(dtype_from_onnx(number).error().code, ErrorCode::kBadModel) << number;
  }
}

TEST(ConvertTensor, ReadsTypedFieldsAndRawBytes) {
  Proto half = tensor_of(Proto::FLOAT16, {2});
  half.add_int32_data(0x3C00);
  half.add_int32_data(0xC000);
  EXPECT_EQ(take(half)->as<double>(), (std::vector<double>{1, -2}));
  Proto small = tensor_of(Proto::INT8, {});
  small.add_int32_data(-3);
  EXPECT_EQ(take(small)->as<int64_t>(), std::vector<int64_t>{-3});
  Proto raw = tensor_of(Proto::INT32, {1, 2});
  raw.set_raw_data(std::string("\1\0\0\0\2\0\0\0", 8));
  EXPECT_EQ(take(raw)->as<int64_t>(), (std::vector<int64_t>{1, 2}));
}

TEST(ConvertTensor, ViewsWhatAnOwnerKeeps) {
  Proto raw = tensor_of(Proto::INT8, {20});
  raw.set_raw_data(std::string(20, '\7'));
  Proto typed = tensor_of(Proto::FLOAT, {2});
  typed.add_float_data(1);
  typed.add_float_data(2);
  const FileDescriptor no_folder;
  std::vector<std::string> notes;
  const auto owner = std::make_shared<int>(0);
  for (const bool owned : {true, false}) {
    const TensorSource source{no_folder, owned ? owner : nullptr, notes};
    const auto raw_tensor = view_tensor(raw, source);
    const auto typed_tensor = take_tensor(typed, source);
    ASSERT_TRUE(raw_tensor && typed_tensor);
    EXPECT_EQ(raw_tensor->as<int64_t>(), std::vector<int64_t>(20, 7));
    EXPECT_EQ(typed_tensor->as<double>(), (std::vector<double>{1, 2}));
    const void* bytes = raw_tensor->bytes().data();
    EXPECT_EQ(bytes == raw.raw_data().data(), owned);
    EXPECT_EQ(static_cast<const void*>(typed_tensor->bytes().data()) == typed.float_data().data(),
              owned);
  }
  EXPECT_EQ(raw.raw_data().size(), 20U);
}

TEST(ConvertTensor, RawBytesMustFitTheDims) {
  Proto raw = tensor_of(Proto::FLOAT, {2});
  raw.set_raw_data(std::string(7, '\0'));
  EXPECT_TRUE(error_of(raw).contains("tensor 't'")) << error_of(raw);
  EXPECT_TRUE(error_of(raw).contains("7")) << error_of(raw);
}

TEST(ConvertTensor, AsksForNoMemoryBeforeItCounts) {
  const Proto large = tensor_of(Proto::FLOAT, {int64_t{1} << 50});
  EXPECT_EQ(error_of(large), "tensor 't': its dims ask for 1125899906842624 elements, 0 are given");
}

TEST(ConvertTensor, DimsMustMakeASize) {
  EXPECT_TRUE(error_of(tensor_of(Proto::FLOAT, {-1})).contains("-1"));
  EXPECT_TRUE(error_of(tensor_of(Proto::FLOAT, {0, int64_t{1} << 40, int64_t{1} << 40}))
                  .contains("overflows"));
  EXPECT_TRUE(error_of(tensor_of(Proto::FLOAT, std::vector<int64_t>(17, 1))).contains("rank 17"));
  EXPECT_TRUE(take(tensor_of(Proto::FLOAT, {0, int64_t{1} << 60})));
}

TEST(ConvertTensor, ExternalKeysAreReadByName) {
  Proto proto = tensor_of(Proto::FLOAT, {1});
  proto.set_data_location(Proto::EXTERNAL);
  for (const char* key : {"location", "location"}) {
    auto& entry = *proto.add_external_data();
    entry.set_key(key);
    entry.set_value("weights");
  }
  EXPECT_EQ(error_of(proto), "tensor 't': external data repeats the key 'location'");
}

}  // namespace
}  // namespace nitro::onnx
