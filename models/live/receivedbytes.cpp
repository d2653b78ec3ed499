// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/receivedbytes.h"

#include <cstddef>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace tailscope::live {

namespace {

std::optional<std::uint64_t> receivedBy(int socket)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0
        || size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received
        || info.tcpi_bytes_received == 0)
        return std::nullopt; // a connection that is made has received something
    return info.tcpi_bytes_received;
}

} // namespace

ReceivedBytes::ReceivedBytes(int socket)
    : m_socket(socket)
    , m_atStart(receivedBy(socket))
{}

std::uint64_t ReceivedBytes::count() const
{
    const auto now = m_atStart ? receivedBy(m_socket) : std::nullopt;
    return now && *now > *m_atStart ? *now - *m_atStart : 0;
}

bool ReceivedBytes::hasMore() const
{
    int waiting = 0;
    return ioctl(m_socket, FIONREAD, &waiting) == 0 && waiting > 0;
}

} // namespace tailscope::live
