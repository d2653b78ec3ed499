// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace tailscope::live {

/// How many bytes came in over a socket since this was made. libpq keeps an answer to itself until it is
/// complete, so this is how a limit is noticed before memory is full. The socket must stay open.
class ReceivedBytes
{
public:
    explicit ReceivedBytes(int socket);

    /// Whether the system counts for this socket (TCP on Linux; not sockets of the file system).
    bool isExact() const { return m_atStart.has_value(); }
    std::uint64_t count() const; ///< 0 where it is not counted
    bool hasMore() const; ///< bytes wait to be read

private:
    int m_socket;
    std::optional<std::uint64_t> m_atStart;
};

} // namespace tailscope::live
