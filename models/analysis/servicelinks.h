// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// What stands at the other end of a call that no span of the callee tells of.
enum class RemoteKind : std::uint8_t { Database, Messaging, External };

/// What a service map needs beside the columns: names of remotes without spans, and messages that only a link
/// ties together. Immutable once loaded.
struct ServiceLinks
{
    /// A client or producer span without a span of the callee, and what its attributes call that callee.
    struct Remote
    {
        std::uint32_t row = kNoRow; ///< SpanColumns row
        std::uint32_t name = 0; ///< index into names
        RemoteKind kind = RemoteKind::External;
    };
    /// A consumer and the producer its link names (same rows as in the columns).
    struct Message
    {
        std::uint32_t producer = kNoRow, consumer = kNoRow;
    };
    std::vector<std::string> names;
    std::vector<Remote> remotes; ///< by row
    std::vector<Message> messages; ///< by consumer, producer
    std::int64_t unnamed = 0; ///< calls without spans of the callee whose attributes name nobody
    std::int64_t unread = 0; ///< calls past the bound of look-ups whose group does not agree on a name
};

/// Most attribute look-ups of one load. Past it every (service, operation) is sampled evenly: one name for
/// all its samples is the name of all, else only the samples count.
inline constexpr std::int64_t kMaxRemoteLookups = 200'000;

/// Reads links and attributes (peer.service, db.*, messaging.*, server.address and older spellings). Any
/// thread; about 3 us a look-up.
Result<ServiceLinks> loadServiceLinks(const store::Workspace &workspace, const SpanColumns &columns,
    const Progress &progress, std::int64_t maxLookups = kMaxRemoteLookups);

} // namespace tailscope::analysis
