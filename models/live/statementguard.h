// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::live {

/// What a statement is sent over.
enum class Channel {
    Session, ///< a server's own session
    Pooled, ///< a pooler lends a session for a transaction: what is set stays behind for others
    Console, ///< a pooler's console: everything but SHOW acts
};

/// Why a text must not be sent over a read-only connection, in words; empty = it may. The server is told to
/// be read-only and refuses writing by itself: this keeps our own texts from lifting that, and commands away
/// from consoles. One statement a text.
std::string refusalOf(std::string_view sql, Channel channel);

} // namespace tailscope::live
