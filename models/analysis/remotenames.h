// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/servicelinks.h"
#include "store/database.h"

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace tailscope::analysis {

/// Attributes that name the other end of a call, those of several generations of the conventions.
enum class RemoteKey : std::uint8_t {
    PeerService,
    DbSystem,
    DbName,
    MessagingSystem,
    MessagingDestination,
    Address,
    Url,
    Count
};
using RemoteValues = std::array<std::string, std::size_t(RemoteKey::Count)>;

/// A callee without spans; empty text = unknown.
struct RemoteName
{
    std::string text;
    RemoteKind kind = RemoteKind::External;
};
/// "payments" (peer.service), "postgresql orders", "kafka order-events", "api.example.com": the first that
/// the values allow. Pure.
RemoteName remoteNameOf(const RemoteValues &values);

/// Reads those attributes of single spans: sets once each, own JSON where it holds one of the keys. One
/// thread.
class RemoteNames
{
public:
    /// The connection must outlive the object.
    static Result<RemoteNames> prepare(store::Database &reader);
    Result<RemoteName> of(std::int64_t spanId);

private:
    Result<const RemoteValues *> setValues(std::int64_t setId);
    Result<void> addOwn(std::string_view json, RemoteValues &values);

    std::unordered_map<std::int64_t, std::size_t> m_keyOfId; ///< string id -> spelling
    std::unordered_map<std::int64_t, RemoteValues> m_sets;
    store::Statement m_span, m_items, m_own;
};

} // namespace tailscope::analysis
