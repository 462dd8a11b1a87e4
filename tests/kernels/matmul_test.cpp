// The matmul kernel against the functional model, bit for bit: every pair of formats, sizes around the edges of blocks,
// transposed operands, padded rows, outputs, epilogues, numbers of threads.
// labels: kernel
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include <bit>

#include "host/matmul.h"
#include "kernels/kernel_device.h"
#include "tatami/matmul_args.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;
using golden::Rounding;

const Descriptor fp32{Kind::fp32};
const Descriptor bf16{Kind::bf16};
const Descriptor shp{Kind::shp, 15};
const Descriptor uhp{Kind::uhp};
const Descriptor c143{Kind::cfloat8_1_4_3, 7};
const Descriptor c152{Kind::cfloat8_1_5_2, 15};

/// A problem and how it is laid out and run.
struct Case {
  MatmulProblem problem;
  std::uint32_t flags = 0;  ///< TATAMI_MATMUL_TRANS_*
  unsigned gap = 0;         ///< bytes between the rows of A, B and C
  int threads = 4;
  bool prepare = true;  ///< the host makes the plan
};

Case make(Descriptor a, Descriptor b, Descriptor c, std::size_t m, std::size_t n, std::size_t k,
          std::uint64_t seed = 1) {
  Case test;
  test.problem.a = random_matrix(m, k, a, seed, 0);
  test.problem.b = random_matrix(k, n, b, seed, 1);
  test.problem.output = c;
  test.problem.seed = 1234567 + seed;
  return test;
}

void add_epilogue(Case& test, float alpha, float beta, bool bias) {
  MatmulProblem& p = test.problem;
  p.alpha = alpha;
  p.beta = beta;
  if (beta != 0) p.c_in = random_matrix(p.m(), p.n(), p.output, 99, 2);
  if (bias) {
    for (std::size_t j = 0; j < p.n(); ++j) p.bias.push_back(static_cast<float>(j) * 0.37F - 3);
  }
}

/// Rows of `matrix` (or of its transpose) `gap` bytes apart, gaps filled with 0xAA.
std::vector<std::uint8_t> lay_out(const Matrix& matrix, bool transposed, unsigned gap, std::size_t& row_bytes) {
  const std::size_t size = static_cast<std::size_t>(matrix.format.bytes());
  const std::size_t rows = transposed ? matrix.columns : matrix.rows,
                    columns = transposed ? matrix.rows : matrix.columns;
  row_bytes = columns * size + gap;
  std::vector<std::uint8_t> bytes(rows * row_bytes, 0xAA);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const std::size_t from = (transposed ? j * matrix.columns + i : i * matrix.columns + j) * size;
      std::copy_n(matrix.bytes.begin() + static_cast<std::ptrdiff_t>(from), size,
                  bytes.begin() + static_cast<std::ptrdiff_t>(i * row_bytes + j * size));
    }
  }
  return bytes;
}

class Matmul : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    device_ = test::make_device(GetParam());
    kernel_ = load_program(test::kernel_path("matmul"));
  }

  void check(const Case& test) {
    const MatmulProblem& p = test.problem;
    SCOPED_TRACE(testing::Message() << golden::name(p.a.format.kind()) << " x " << golden::name(p.b.format.kind())
                                    << " -> " << golden::name(p.output.kind()) << ", m " << p.m() << " n " << p.n()
                                    << " k " << p.k() << ", flags " << test.flags << ", gap " << test.gap
                                    << ", threads " << test.threads << ", alpha " << p.alpha << " beta " << p.beta
                                    << " bias " << p.bias.size());
    device_->load(kernel_);
    tatami_matmul_args args{};
    std::size_t lda = 0, ldb = 0, ldc = 0;
    args.a = test::place(*device_, lay_out(p.a, (test.flags & TATAMI_MATMUL_TRANS_A) != 0, test.gap, lda));
    args.b = test::place(*device_, lay_out(p.b, (test.flags & TATAMI_MATMUL_TRANS_B) != 0, test.gap, ldb));
    const Matrix c_in = p.beta != 0 ? *p.c_in : zero_matrix(p.m(), p.n(), p.output);
    const std::vector<std::uint8_t> c_bytes = lay_out(c_in, false, test.gap, ldc);
    args.c = test::place(*device_, c_bytes);
    if (!p.bias.empty()) args.bias = test::place(*device_, p.bias);
    args.lda = lda;
    args.ldb = ldb;
    args.ldc = ldc;
    args.m = static_cast<std::uint32_t>(p.m());
    args.n = static_cast<std::uint32_t>(p.n());
    args.k = static_cast<std::uint32_t>(p.k());
    args.flags = test.flags;
    args.a_format = p.a.format.packed();
    args.b_format = p.b.format.packed();
    args.c_format = p.output.packed();
    args.alpha = std::bit_cast<std::uint32_t>(p.alpha);
    args.beta = std::bit_cast<std::uint32_t>(p.beta);
    args.seed = p.seed;
    if (test.prepare) tatami_matmul_prepare(&args);
    device_->set_threads(test.threads);
    device_->write_arguments(std::as_bytes(std::span(&args, 1)));
    const RunResult run = device_->run({.max_cycles = 20'000'000});
    ASSERT_TRUE(run.passed()) << test::describe(run);

    const MatmulExpectation expected = expected_matmul(p);
    std::size_t row_bytes = 0;
    const std::vector<std::uint8_t> want = lay_out(expected.c, false, test.gap, row_bytes);
    const auto got = test::fetch<std::uint8_t>(*device_, args.c, c_bytes.size());
    std::size_t wrong = 0, first = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      if (want[i] != got[i] && wrong++ == 0) first = i;
    }
    EXPECT_EQ(wrong, 0U) << "first wrong byte " << first << ": row " << first / row_bytes << ", byte "
                         << first % row_bytes << " of it, expected " << int{want[first]} << ", got " << int{got[first]};
    test::expect_surroundings(*device_, args.c, c_bytes.size());
    args = device_->read_value<tatami_matmul_args>(kernel_.address_of("tatami_args"));
    EXPECT_EQ(tatami_matmul_flags(&args), expected.flags);
  }

  std::unique_ptr<Device> device_;
  Program kernel_;
};

INSTANTIATE_TEST_SUITE_P(Device, Matmul, testing::Values("golden", "rtl"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Matmul, WholeBlocksInEveryFormat) {
  for (const Descriptor a : {bf16, shp, uhp}) {
    for (const Descriptor b : {bf16, shp, uhp}) check(make(a, b, fp32, 64, 64, 64));
  }
  for (const Descriptor a : {c143, c152}) {
    for (const Descriptor b : {c143, c152}) check(make(a, b, fp32, 64, 64, 64));
  }
  check(make(fp32, fp32, fp32, 64, 64, 64));
}

TEST_P(Matmul, HalfBlocks) {
  for (const Descriptor f : {bf16, c143}) {
    for (const Descriptor out : {fp32, bf16, c152}) {
      check(make(f, f, out, 16, 64, 32));
      check(make(f, f, out, 16, 32, 48));
      check(make(f, f, out, 64, 128, 64));
    }
  }
}

TEST_P(Matmul, EverySmallSize) {
  for (const Descriptor f : {bf16, c143, fp32}) {
    for (const std::size_t m : {1, 2, 7, 8, 9, 17}) {
      for (const std::size_t n : {1, 3, 8, 15, 16, 33}) {
        for (const std::size_t k : {1, 3, 4, 5, 8, 12, 31}) {
          check(make(f, f, fp32, m, n, k, m + n + k));
          if (HasFatalFailure() || HasNonfatalFailure()) return;
        }
      }
    }
  }
}

TEST_P(Matmul, OddSizes) {
  for (const Descriptor f : {bf16, shp, uhp, c143, c152, fp32}) {
    check(make(f, f, fp32, 33, 65, 32));
    check(make(f, f, fp32, 40, 72, 64));
    check(make(f, f, fp32, 31, 100, 77));
    check(make(f, f, fp32, 64, 64, 70));
    check(make(f, f, fp32, 50, 31, 128));
    check(make(f, f, fp32, 1, 200, 99));
    check(make(f, f, fp32, 200, 1, 99));
  }
  check(make(c143, c152, bf16, 37, 41, 43));
  check(make(bf16, shp, c143, 37, 41, 43));
}

// Every pair of operand formats with every output format, all three sizes odd.
TEST_P(Matmul, EveryCombinationOverOddSizes) {
  std::vector<std::pair<Descriptor, Descriptor>> pairs{{fp32, fp32}};
  for (const Descriptor a : {bf16, shp, uhp}) {
    for (const Descriptor b : {bf16, shp, uhp}) pairs.emplace_back(a, b);
  }
  for (const Descriptor a : {c143, c152}) {
    for (const Descriptor b : {c143, c152}) pairs.emplace_back(a, b);
  }
  for (const auto& [a, b] : pairs) {
    for (const Descriptor out : {fp32, bf16, shp, uhp, c143, c152}) check(make(a, b, out, 19, 37, 13));
  }
}

TEST_P(Matmul, EveryOutput) {
  for (const Descriptor f : {bf16, c152, fp32}) {
    for (const Descriptor out : {fp32, bf16, shp, uhp, c143, c152}) {
      check(make(f, f, out, 64, 64, 64));
      check(make(f, f, out, 35, 45, 33));
    }
  }
}

TEST_P(Matmul, Transposed) {
  for (const Descriptor f : {bf16, c143, fp32}) {
    for (const std::uint32_t flags : {1U, 2U, 3U}) {
      for (const auto& [m, n, k] : {std::array{64U, 64U, 64U}, {16U, 32U, 32U}, {35U, 45U, 33U}, {9U, 70U, 48U}}) {
        Case test = make(f, f, fp32, m, n, k);
        test.flags = flags;
        check(test);
      }
    }
  }
}

// What pads blocks at the edges must not raise flags: an infinity times its zeros would be invalid.
TEST_P(Matmul, FlagsAreThoseOfTheElements) {
  for (const std::uint32_t flags : {0U, 1U, 2U, 3U}) {
    for (const std::size_t m : {1, 3, 7, 8, 9, 15}) {
      for (const std::size_t n : {1, 4, 8, 11, 18, 23, 29}) {
        for (const bool in_a : {false, true}) {
          constexpr std::size_t kK = 6;
          Case test = make(bf16, bf16, fp32, m, n, kK);
          test.flags = flags;
          MatmulProblem& p = test.problem;
          for (std::size_t i = 0; i < p.a.size(); ++i) p.a.set_code(i, 0x3F80);
          for (std::size_t i = 0; i < p.b.size(); ++i) p.b.set_code(i, 0x3F80);
          if (in_a)
            p.a.set_code(p.a.size() - 2, 0x7F80);  // infinity in the last row
          else
            p.b.set_code(4 * n + n - 1, 0x7F80);  // in the last column
          check(test);
          if (HasFatalFailure() || HasNonfatalFailure()) return;
        }
      }
    }
  }
  for (const Descriptor f : {fp32, uhp}) {
    Case test = make(f, f, fp32, 3, 5, 6);
    test.problem.a.set_code(1, f.kind() == Kind::fp32 ? 0x7F800000 : 0x7E00);
    check(test);
    test.problem.a.set_code(1, 0);
    test.problem.b.set_code(9, f.kind() == Kind::fp32 ? 0x7F800000 : 0x7E00);
    check(test);
  }
}

TEST_P(Matmul, RowsWithGaps) {
  for (const Descriptor f : {bf16, c143, fp32}) {
    for (const std::uint32_t flags : {0U, 3U}) {
      for (const unsigned gap : {1U, 4U, 8U, 64U}) {
        Case test = make(f, f, fp32, 48, 96, 64);
        test.flags = flags;
        test.gap = gap;
        check(test);
        test.problem = make(f, f, bf16, 23, 41, 19).problem;
        check(test);
      }
    }
  }
}

TEST_P(Matmul, Epilogues) {
  for (const Descriptor f : {bf16, c143, fp32}) {
    for (const Descriptor out : {fp32, bf16, c143}) {
      for (const auto& [m, n, k] : {std::array{32U, 64U, 64U}, {19U, 50U, 21U}}) {
        for (unsigned which = 1; which < 8; ++which) {
          Case test = make(f, f, out, m, n, k);
          add_epilogue(test, which & 1 ? 0.75F : 1.0F, which & 2 ? -1.5F : 0.0F, (which & 4) != 0);
          check(test);
        }
      }
    }
  }
}

TEST_P(Matmul, StochasticRoundingDoesNotDependOnThreads) {
  for (const Descriptor out :
       {Descriptor(Kind::bf16, 0, Rounding::stochastic), Descriptor(Kind::cfloat8_1_4_3, 7, Rounding::stochastic)}) {
    for (const int threads : {1, 2, 4}) {
      for (const Descriptor f : {bf16, c143, fp32}) {
        Case test = make(f, f, out, 48, 64, 64);
        test.threads = threads;
        check(test);
        test.problem = make(f, f, out, 21, 37, 50).problem;
        check(test);
      }
    }
  }
}

TEST_P(Matmul, ThreadsAndPlansMadeByTheKernel) {
  for (int threads = 1; threads <= 4; ++threads) {
    for (const Descriptor f : {bf16, c143, fp32}) {
      for (const auto& [m, n, k] : {std::array{64U, 96U, 64U}, {35U, 45U, 33U}}) {
        Case test = make(f, f, fp32, m, n, k);
        test.threads = threads;
        test.prepare = false;
        check(test);
      }
    }
  }
}

TEST_P(Matmul, SubnormalReadingAndBiases) {
  using golden::Subnormals;
  for (const int bias : {0, 20, 63}) {
    const Descriptor a(Kind::cfloat8_1_4_3, bias, Rounding::nearest_even, Subnormals::gradual);
    const Descriptor b(Kind::cfloat8_1_5_2, 63 - bias);
    check(make(a, b, fp32, 32, 64, 64));
    check(make(a, b, Descriptor(Kind::cfloat8_1_4_3, 63), 17, 33, 40));
  }
}

TEST_P(Matmul, RefusesWhatItCannotDo) {
  for (const auto& [a, b, m] : {std::tuple{bf16, c143, 8U}, {fp32, bf16, 8U}, {bf16, bf16, 0U}}) {
    device_->load(kernel_);
    tatami_matmul_args args{};
    args.a = args.b = args.c = device_->allocate(4096);
    args.lda = args.ldb = args.ldc = 64;
    args.m = m;
    args.n = args.k = 8;
    args.a_format = a.packed();
    args.b_format = b.packed();
    args.alpha = 0x3F80'0000;
    device_->write_arguments(std::as_bytes(std::span(&args, 1)));
    const RunResult run = device_->run({.max_cycles = 1'000'000});
    EXPECT_EQ(run.status, RunStatus::exited);
    EXPECT_EQ(run.exit_code, static_cast<unsigned>(m == 0 ? TATAMI_MATMUL_BAD_SHAPE : TATAMI_MATMUL_BAD_FORMATS));
  }
}

}  // namespace
}  // namespace tatami
