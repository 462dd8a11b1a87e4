// Oracles for the golden arithmetic that share no code with it: MPFR for sums and products, the host's doubles for
// values. Everything is computed exactly first and rounded once.
#pragma once

#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace tatami::golden::oracle {

/// An MPFR number wide enough to hold any sum of products of these formats and FP32 exactly.
class Real {
 public:
  static constexpr mpfr_prec_t kExact = 1400;  // bits from 2^-298 to 2^257, with room for intermediate steps

  Real() : Real(0.0) {}
  Real(double value) {  // NOLINT(google-explicit-constructor): a double is a real number
    mpfr_init2(x_, kExact);
    mpfr_set_d(x_, value, MPFR_RNDN);
  }
  Real(const Real& other) : Real() { mpfr_set(x_, other.x_, MPFR_RNDN); }
  Real(Real&& other) noexcept : Real() { mpfr_swap(x_, other.x_); }
  Real& operator=(Real other) noexcept {
    mpfr_swap(x_, other.x_);
    return *this;
  }
  ~Real() { mpfr_clear(x_); }

  friend Real operator+(const Real& a, const Real& b) { return combine(mpfr_add, a, b); }
  friend Real operator-(const Real& a, const Real& b) { return combine(mpfr_sub, a, b); }
  friend Real operator*(const Real& a, const Real& b) { return combine(mpfr_mul, a, b); }
  Real scaled(long exponent) const {
    Real r;
    mpfr_mul_2si(r.x_, x_, exponent, MPFR_RNDN);
    return r;
  }
  Real truncated() const {
    Real r;
    mpfr_trunc(r.x_, x_);
    return r;
  }
  int sign() const { return mpfr_sgn(x_); }
  friend bool operator==(const Real& a, const Real& b) { return mpfr_equal_p(a.x_, b.x_) != 0; }
  friend bool operator<(const Real& a, const Real& b) { return mpfr_less_p(a.x_, b.x_) != 0; }

  mpfr_srcptr get() const { return x_; }

 private:
  template <typename Operation>
  static Real combine(Operation operation, const Real& a, const Real& b) {
    Real r;
    if (operation(r.x_, a.x_, b.x_, MPFR_RNDN) != 0) std::abort();  // the oracle must be exact
    return r;
  }

  mpfr_t x_;
};

struct Rounded {
  float value = 0;
  bool overflow = false;
  bool underflow = false;  ///< tiny after rounding and inexact
};

/// A real number rounded once to binary32, to nearest-even. Zero comes out as +0.
inline Rounded round_to_binary32(const Real& exact) {
  const mpfr_exp_t wide_min = mpfr_get_emin();
  const mpfr_exp_t wide_max = mpfr_get_emax();
  mpfr_t r;
  mpfr_init2(r, 24);
  int ternary = mpfr_set(r, exact.get(), MPFR_RNDN);
  Rounded result;
  const bool tiny = mpfr_zero_p(r) == 0 && mpfr_get_exp(r) < -125;  // MPFR: 2^-126 has the exponent -125
  mpfr_set_emin(-148);
  mpfr_set_emax(128);
  ternary = mpfr_check_range(r, ternary, MPFR_RNDN);
  mpfr_subnormalize(r, ternary, MPFR_RNDN);
  mpfr_set_emin(wide_min);
  mpfr_set_emax(wide_max);
  result.value = static_cast<float>(mpfr_get_d(r, MPFR_RNDN));
  result.overflow = mpfr_inf_p(r) != 0;
  result.underflow = tiny && mpfr_equal_p(r, exact.get()) == 0;
  mpfr_clear(r);
  return result;
}

inline float as_float(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline std::uint32_t as_bits(float value) { return std::bit_cast<std::uint32_t>(value); }

}  // namespace tatami::golden::oracle
