// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace tailscope::analysis {

/// What a span is by its name alone, where names are habits that all tracers share.
enum class CallName : std::uint8_t {
    Plain,
    Dns, ///< "dns.lookup", "dns"
    Connect, ///< "tcp.connect", "connect", "db.connect"
    Tls, ///< "tls.handshake", "ssl"
    Acquire, ///< waiting, mostly for a pooled connection: "pool.acquire", "getConnection", "queue.wait"
    Begin, ///< BEGIN, START TRANSACTION
    End, ///< COMMIT, ROLLBACK
    Transaction, ///< a span around all of it: "transaction", "db.transaction"
    Statement, ///< begins with a verb of SQL in capitals
};

/// Any thread; about 100 ns.
CallName callName(std::string_view operation);

/// Setting up a connection: the three steps depend on each other and serve the call after them.
inline bool isSetup(CallName name)
{
    return name == CallName::Dns || name == CallName::Connect || name == CallName::Tls;
}

/// Steps that have their order: never "calls that could overlap".
inline bool isOrdered(CallName name) { return name != CallName::Plain && name != CallName::Statement; }

} // namespace tailscope::analysis
