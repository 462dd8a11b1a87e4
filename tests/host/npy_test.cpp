#include "host/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "host/elf_files.h"
#include "host/error.h"
#include "host/operands.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;
using testing::HasSubstr;

/// A .npy file with the given header text and raw data.
std::string npy(const std::string& dictionary, const std::string& data, int version = 1) {
  std::string header = dictionary + "\n";
  std::string file = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  const int bytes = version == 1 ? 2 : 4;
  for (int i = 0; i < bytes; ++i) file += static_cast<char>(header.size() >> (8 * i) & 255);
  return file + header + data;
}

template <typename T>
std::string raw(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T));
}

class Npy : public testing::Test {
 protected:
  NpyArray read(const std::string& bytes) {
    test::write_text(path_, bytes);
    return read_npy(path_);
  }
  std::string refused(const std::string& bytes) {
    try {
      read(bytes);
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      return error.what();
    }
    ADD_FAILURE() << "read without an error";
    return "";
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "a.npy";
};

TEST_F(Npy, ReadsAllVersions) {
  for (int version = 1; version <= 3; ++version) {
    const NpyArray array =
        read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", raw<float>({1, 2, 3, -4.5F}), version));
    EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 2}));
    EXPECT_EQ(array.value(3), -4.5);
    EXPECT_EQ(array.dtype(), "float32");
  }
}

TEST_F(Npy, ReadsEveryDtype) {
  const auto header = [](const std::string& descr) {
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,)}";
  };
  EXPECT_EQ(read(npy(header("<f8"), raw<double>({0.1, 2}))).value(0), 0.1);
  EXPECT_EQ(read(npy(header("<f2"), raw<std::uint16_t>({0x3555, 0x0001}))).value(0), 0.333251953125);
  EXPECT_EQ(read(npy(header("<f2"), raw<std::uint16_t>({0, 0x8001}))).value(1), -std::ldexp(1, -24));
  EXPECT_TRUE(std::isinf(read(npy(header("<f2"), raw<std::uint16_t>({0x7C00, 0}))).value(0)));
  EXPECT_EQ(read(npy(header("|i1"), raw<std::int8_t>({-128, 1}))).value(0), -128);
  EXPECT_EQ(read(npy(header("|u1"), raw<std::uint8_t>({200, 1}))).value(0), 200);
  EXPECT_EQ(read(npy(header("<i2"), raw<std::int16_t>({-3, 1}))).value(0), -3);
  EXPECT_EQ(read(npy(header("<i4"), raw<std::int32_t>({-3, 1}))).value(0), -3);
  EXPECT_EQ(read(npy(header("<i8"), raw<std::int64_t>({-3, 1}))).value(0), -3);
  EXPECT_EQ(read(npy(header("<u8"), raw<std::uint64_t>({7, 1}))).value(0), 7);
  EXPECT_EQ(read(npy(header("|b1"), raw<std::uint8_t>({1, 0}))).value(0), 1);
  EXPECT_EQ(read(npy(header(">i4"), std::string("\0\0\1\2\377\377\377\376", 8))).value(0), 258);
}

TEST_F(Npy, ReadsFortranOrder) {
  const NpyArray array =
      read(npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3)}", raw<std::int32_t>({1, 4, 2, 5, 3, 6})));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(array.value(i), static_cast<double>(i + 1));
}

TEST_F(Npy, WritesWhatItReads) {
  const NpyArray array{'f', 4, {3, 5}, std::vector<std::byte>(60, std::byte{0x41})};
  write_npy(path_, array);
  const NpyArray back = read_npy(path_);
  EXPECT_EQ(back.shape, array.shape);
  EXPECT_EQ(back.data, array.data);
  EXPECT_EQ(std::filesystem::file_size(path_) % 64, 60U);
  EXPECT_THROW(write_npy(directory_ / "absent/x.npy", array), InputError);
}

TEST_F(Npy, RefusesDamagedFiles) {
  EXPECT_THAT(refused("hello, world"), HasSubstr("not a .npy file"));
  EXPECT_THAT(refused(std::string("\x93NUMPY\1\0", 8)), HasSubstr("truncated"));
  EXPECT_THAT(refused(std::string("\x93NUMPY\11\0\0\0\0\0", 12)), HasSubstr("version 9"));
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  EXPECT_THAT(refused(npy(good, raw<float>({1}))), HasSubstr("truncated"));
  EXPECT_THAT(refused(npy(good, raw<float>({1, 2, 3}))), HasSubstr("left over"));
  const std::string whole = npy(good, raw<float>({1, 2}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    refused(whole.substr(0, length));
  }
}

TEST_F(Npy, RefusesBadHeaders) {
  for (const char* header :
       {"   ", "{", "{}", "{'descr': '<f4'}", "{'descr': 1, 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (x,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "{'other': 1}"}) {
    SCOPED_TRACE(header);
    EXPECT_THAT(refused(npy(header, "")), HasSubstr(".npy header"));
  }
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999, 9)}", "")),
              HasSubstr("too large"));
}

TEST_F(Npy, RefusesOtherDtypes) {
  for (const char* descr : {"|O", "<c8", "<U5", "<f16", "|V2", "<M8[ns]"}) {
    EXPECT_THAT(refused(npy(std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (1,)}", "")),
                HasSubstr("numpy.float32"));
  }
  EXPECT_THAT(refused(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "")),
              HasSubstr("structured"));
}

class NpyMatrix : public Npy {
 protected:
  std::string matrix_refused(const std::string& bytes, Descriptor format) {
    test::write_text(path_, bytes);
    try {
      matrix_from_npy(path_, format, "--a");
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr("--a " + path_.string()));
      return error.what();
    }
    ADD_FAILURE() << "read without an error";
    return "";
  }
};

TEST_F(NpyMatrix, RoundsValuesAndTakesCodes) {
  const Descriptor format(Kind::cfloat8_1_4_3, 7);
  test::write_text(path_,
                   npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3)}", raw<double>({1.0, 1.07, -1e9})));
  const Matrix values = matrix_from_npy(path_, format, "--a");
  EXPECT_EQ(values.value(0), 1.0);
  EXPECT_EQ(values.value(1), 1.125);
  EXPECT_EQ(values.value(2), -480.0);
  test::write_text(path_,
                   npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2)}", raw<std::uint8_t>({0x38, 0xB8})));
  const Matrix codes = matrix_from_npy(path_, format, "--a");
  EXPECT_EQ(codes.value(0), 1.0);
  EXPECT_EQ(codes.value(1), -1.0);
  matrix_codes_to_npy(path_, codes);
  EXPECT_EQ(matrix_from_npy(path_, format, "--a").bytes, codes.bytes);
  matrix_to_npy(path_, codes);
  EXPECT_EQ(read_npy(path_).value(1), -1.0);
}

TEST_F(NpyMatrix, RefusesWrongShapesAndDtypes) {
  const Descriptor bf16(Kind::bf16);
  EXPECT_THAT(
      matrix_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1)}", raw<float>({1})), bf16),
      HasSubstr("(1, 1, 1)"));
  EXPECT_THAT(matrix_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", raw<float>({1})), bf16),
              HasSubstr("()"));
  EXPECT_THAT(matrix_refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4)}", ""), bf16),
              HasSubstr("at least one element"));
  EXPECT_THAT(matrix_refused(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1)}", "x"), bf16),
              HasSubstr("uint16"));
  EXPECT_THAT(matrix_refused(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 1)}", "x"), bf16),
              HasSubstr("bool"));
}

TEST(Operands, AreReproducible) {
  for (const Kind kind : golden::kAllKinds) {
    const Descriptor format(kind, 20);
    const Matrix x = random_matrix(7, 9, format, 5, 0);
    EXPECT_EQ(x.bytes, random_matrix(7, 9, format, 5, 0).bytes);
    EXPECT_NE(x.bytes, random_matrix(7, 9, format, 6, 0).bytes);
    EXPECT_NE(x.bytes, random_matrix(7, 9, format, 5, 1).bytes);
  }
  // The codes do not depend on the bias: the scale moves with it.
  EXPECT_EQ(random_matrix(7, 9, Descriptor(Kind::shp, 3), 5, 0).bytes,
            random_matrix(7, 9, Descriptor(Kind::shp, 40), 5, 0).bytes);
}

}  // namespace
}  // namespace tatami
