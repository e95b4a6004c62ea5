#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace nitro::synth {

// Sums and products are written in the order in which they are computed, and nothing here calls the
// mathematics library but for the exact square root: pictures do not depend on the machine.

/// Four rays at once.
using Lanes = float __attribute__((vector_size(16)));
/// All bits of a lane, or none: what comparing Lanes gives.
using Mask = int32_t __attribute__((vector_size(16)));
constexpr int kLanes = 4;

inline float least(float a, float b) { return a < b ? a : b; }
inline float greatest(float a, float b) { return a < b ? b : a; }
inline Lanes least(Lanes a, Lanes b) { return a < b ? a : b; }
inline Lanes greatest(Lanes a, Lanes b) { return a > b ? a : b; }
inline Lanes spread(float value) { return Lanes{value, value, value, value}; }
inline Lanes least(Lanes a, float b) { return least(a, spread(b)); }
inline Lanes greatest(Lanes a, float b) { return greatest(a, spread(b)); }

inline float square_root(float value) { return std::sqrt(value); }
inline Lanes square_root(Lanes value) {
  for (int lane = 0; lane < kLanes; ++lane) value[lane] = std::sqrt(value[lane]);
  return value;
}

template <class T>
T magnitude(T value) {
  return greatest(value, -value);
}
template <class T>
T clamped(T value, float low, float high) {
  return least(greatest(value, low), high);
}
/// 0 below `low`, 1 above `high`, smooth between.
template <class T>
T smooth_step(float low, float high, T value) {
  const T part = clamped((value - low) / (high - low), 0.0f, 1.0f);
  return part * part * (3.0f - 2.0f * part);
}
inline float mixed(float a, float b, float part) { return a + (b - a) * part; }

inline bool any(Mask mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }

template <class T>
struct Vec {
  T x{}, y{}, z{};
};
using Vec3 = Vec<float>;
using VecLanes = Vec<Lanes>;

template <class T>
Vec<T> operator+(const Vec<T>& a, const Vec<T>& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <class T>
Vec<T> operator-(const Vec<T>& a, const Vec<T>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class T>
Vec<T> operator*(const Vec<T>& a, T scale) {
  return {a.x * scale, a.y * scale, a.z * scale};
}
/// Component by component.
template <class T>
Vec<T> operator*(const Vec<T>& a, const Vec<T>& b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
template <class T>
T dot(const Vec<T>& a, const Vec<T>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <class T>
T length(const Vec<T>& a) {
  return square_root(dot(a, a));
}
template <class T>
T length(T x, T y) {
  return square_root(x * x + y * y);
}
template <class T>
Vec<T> unit(const Vec<T>& a) {
  return a * (1.0f / greatest(length(a), 1e-12f));
}
inline Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vec3 mixed(const Vec3& a, const Vec3& b, float part) { return a + (b - a) * part; }
inline VecLanes spread(const Vec3& a) { return {spread(a.x), spread(a.y), spread(a.z)}; }
inline Vec3 lane(const VecLanes& a, int index) { return {a.x[index], a.y[index], a.z[index]}; }

/// A rotation: its rows, each multiplied with a vector.
struct Turn {
  Vec3 x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};
};
inline Vec3 operator*(const Turn& turn, const Vec3& a) {
  return {dot(turn.x, a), dot(turn.y, a), dot(turn.z, a)};
}
inline VecLanes operator*(const Turn& turn, const VecLanes& a) {
  const auto row = [&](const Vec3& r) { return r.x * a.x + r.y * a.y + r.z * a.z; };
  return {row(turn.x), row(turn.y), row(turn.z)};
}
inline Turn inverse(const Turn& t) {
  return {{t.x.x, t.y.x, t.z.x}, {t.x.y, t.y.y, t.z.y}, {t.x.z, t.y.z, t.z.z}};
}
inline Turn operator*(const Turn& a, const Turn& b) {
  const Turn columns = inverse(b);
  const auto row = [&](const Vec3& r) {
    return Vec3{dot(r, columns.x), dot(r, columns.y), dot(r, columns.z)};
  };
  return {row(a.x), row(a.y), row(a.z)};
}

}  // namespace nitro::synth
