// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::fuzzing {

/// Changes inputs the way real damage and attackers do; the same seed number gives the same changes
/// everywhere.
class Mutator
{
public:
    static constexpr std::size_t kMaxBytes = 256 * 1024;

    explicit Mutator(std::uint64_t seed)
        : m_state(seed * 0x9E3779B97F4A7C15ULL + 1)
    {}
    /// One to eight changes to one of the seeds, sometimes with a piece of another.
    std::string mutate(const std::vector<std::string> &seeds);

private:
    std::uint64_t next();
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }
    void changeOnce(std::string &text, const std::vector<std::string> &seeds);

    std::uint64_t m_state;
};

} // namespace tailscope::fuzzing
