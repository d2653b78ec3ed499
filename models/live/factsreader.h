// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"

#include <memory>
#include <optional>

namespace tailscope::live {

/// Finds out what is at the other end, one small query after the other, without blocking: for a thread that
/// serves other servers meanwhile. The connection must be Ready at first and is used by nobody else until
/// take() has given the facts; wait on its socket and call step().
///
/// What cannot be read stays unknown: only a lost connection is an error.
class FactsReader
{
public:
    FactsReader(Connection &connection, const Target &target);
    ~FactsReader();
    FactsReader(FactsReader &&) noexcept;

    /// Also steps the connection.
    void step();
    /// nullopt = not yet.
    std::optional<Result<ServerFacts>> take();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace tailscope::live
