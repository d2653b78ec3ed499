// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tailscope::import {

/// Running SHA-256 (FIPS 180-4): identity of a source's raw bytes.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256 &&) noexcept;
    Sha256 &operator=(Sha256 &&) noexcept;

    void add(std::string_view bytes);
    /// Lower-case hex of what was added since the start; starts anew.
    std::string takeHex();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::import
