// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/remotenames.h"

#include "base/text.h"

namespace tailscope::analysis {

namespace {

struct Spelling
{
    std::string_view name;
    RemoteKey key;
};
// The preferred spelling of each key first.
constexpr std::array<Spelling, 22> kSpellings{{
    {"peer.service", RemoteKey::PeerService},
    {"db.system.name", RemoteKey::DbSystem},
    {"db.system", RemoteKey::DbSystem},
    {"db.type", RemoteKey::DbSystem},
    {"db.namespace", RemoteKey::DbName},
    {"db.name", RemoteKey::DbName},
    {"db.instance", RemoteKey::DbName},
    {"messaging.system", RemoteKey::MessagingSystem},
    {"messaging.destination.name", RemoteKey::MessagingDestination},
    {"messaging.destination", RemoteKey::MessagingDestination},
    {"message_bus.destination", RemoteKey::MessagingDestination},
    {"server.address", RemoteKey::Address},
    {"net.peer.name", RemoteKey::Address},
    {"peer.hostname", RemoteKey::Address},
    {"peer.address", RemoteKey::Address},
    {"http.host", RemoteKey::Address},
    {"net.peer.ip", RemoteKey::Address},
    {"network.peer.address", RemoteKey::Address},
    {"peer.ipv4", RemoteKey::Address},
    {"url.full", RemoteKey::Url},
    {"http.url", RemoteKey::Url},
    {"url.original", RemoteKey::Url},
}};
constexpr std::size_t kMaxCachedSets = 100'000;
constexpr std::size_t kMaxName = 120; // bytes: hostile attributes must not become labels of a megabyte

std::string textList()
{
    std::string list;
    for (const Spelling &spelling : kSpellings)
        list += (list.empty() ? "'" : ", '") + std::string(spelling.name) + "'";
    return list;
}

std::string hostOf(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {};
    std::string_view host = url.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const std::size_t user = host.rfind('@'); user != std::string_view::npos)
        host = host.substr(user + 1); // never a password
    return std::string(host);
}

void take(RemoteValues &values, std::array<std::uint8_t, std::size_t(RemoteKey::Count)> &rank,
    std::size_t spelling, std::string_view text)
{
    const auto key = std::size_t(kSpellings[spelling].key);
    if (text.empty() || (!values[key].empty() && rank[key] <= spelling))
        return;
    values[key] = std::string(utf8Prefix(text, 4 * kMaxName));
    rank[key] = std::uint8_t(spelling);
}

} // namespace

RemoteName remoteNameOf(const RemoteValues &values)
{
    const auto value = [&](RemoteKey key) -> const std::string & { return values[std::size_t(key)]; };
    const auto named = [&](std::string name, RemoteKind kind) {
        return RemoteName{std::string(utf8Prefix(name, kMaxName)), kind};
    };
    const bool isDatabase = !value(RemoteKey::DbSystem).empty();
    const bool isMessaging = !value(RemoteKey::MessagingSystem).empty();
    const RemoteKind kind = isDatabase ? RemoteKind::Database
        : isMessaging                  ? RemoteKind::Messaging
                                       : RemoteKind::External;
    if (!value(RemoteKey::PeerService).empty())
        return named(value(RemoteKey::PeerService), kind);
    const auto with = [](const std::string &head, const std::string &detail) {
        return detail.empty() ? head : head + " " + detail;
    };
    if (isDatabase)
        return named(with(value(RemoteKey::DbSystem),
                         !value(RemoteKey::DbName).empty() ? value(RemoteKey::DbName)
                                                           : value(RemoteKey::Address)),
            kind);
    if (isMessaging)
        return named(with(value(RemoteKey::MessagingSystem), value(RemoteKey::MessagingDestination)), kind);
    if (!value(RemoteKey::MessagingDestination).empty())
        return named(value(RemoteKey::MessagingDestination), RemoteKind::Messaging);
    if (!value(RemoteKey::Address).empty())
        return named(value(RemoteKey::Address), kind);
    return named(hostOf(value(RemoteKey::Url)), kind);
}

Result<RemoteNames> RemoteNames::prepare(store::Database &reader)
{
    RemoteNames names;
    Result<store::Statement> keys
        = reader.prepare("SELECT id, text FROM string WHERE text IN (" + textList() + ")");
    if (!keys)
        return tl::unexpected(std::move(keys.error()));
    for (;;) {
        const Result<bool> row = keys->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        for (std::size_t i = 0; i < kSpellings.size(); ++i) {
            if (kSpellings[i].name == keys->text(1))
                names.m_keyOfId[keys->integer(0)] = i;
        }
    }
    const std::pair<std::string, store::Statement *> statements[]
        = {{"SELECT attribute_set, attributes FROM span_raw WHERE id = ?", &names.m_span},
            {"SELECT key_id, CASE WHEN type = 1 AND typeof(value) = 'integer'"
             " THEN (SELECT text FROM string WHERE id = value) ELSE value END"
             " FROM attribute_set_item WHERE set_id = ? ORDER BY position",
                &names.m_items},
            {"SELECT key, value FROM json_each(CASE WHEN json_valid(?1) THEN ?1 END) WHERE key IN ("
                    + textList() + ")",
                &names.m_own}};
    for (const auto &[sql, target] : statements) {
        Result<store::Statement> statement = reader.prepare(sql);
        if (!statement)
            return tl::unexpected(std::move(statement.error()));
        *target = std::move(*statement);
    }
    return names;
}

Result<const RemoteValues *> RemoteNames::setValues(std::int64_t setId)
{
    if (const auto known = m_sets.find(setId); known != m_sets.end())
        return &known->second;
    if (m_sets.size() >= kMaxCachedSets)
        m_sets.clear();
    RemoteValues &values = m_sets[setId];
    std::array<std::uint8_t, std::size_t(RemoteKey::Count)> rank{};
    m_items.bind(0, setId);
    for (;;) {
        const Result<bool> row = m_items.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        // Keys past the bound of interning lie in the set as text.
        if (m_items.type(0) == store::ColumnType::Text) {
            for (std::size_t i = 0; i < kSpellings.size(); ++i) {
                if (kSpellings[i].name == m_items.text(0))
                    take(values, rank, i, m_items.text(1));
            }
        } else if (const auto key = m_keyOfId.find(m_items.integer(0)); key != m_keyOfId.end()) {
            take(values, rank, key->second, m_items.text(1));
        }
    }
    m_items.reset();
    return &values;
}

Result<void> RemoteNames::addOwn(std::string_view json, RemoteValues &values)
{
    std::array<std::uint8_t, std::size_t(RemoteKey::Count)> rank{};
    m_own.bind(0, json);
    for (;;) {
        const Result<bool> row = m_own.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        for (std::size_t i = 0; i < kSpellings.size(); ++i) {
            if (kSpellings[i].name == m_own.text(0))
                take(values, rank, i, m_own.text(1));
        }
    }
    m_own.reset();
    return {};
}

Result<RemoteName> RemoteNames::of(std::int64_t spanId)
{
    m_span.bind(0, spanId);
    const Result<bool> row = m_span.step();
    if (!row)
        return tl::unexpected(row.error());
    RemoteValues values;
    if (*row) {
        if (!m_span.isNull(0)) {
            const Result<const RemoteValues *> set = setValues(m_span.integer(0));
            if (!set)
                return tl::unexpected(set.error());
            values = **set;
        }
        const std::string_view own = m_span.text(1);
        bool mayHold = false;
        for (const Spelling &spelling : kSpellings)
            mayHold = mayHold || (!own.empty() && own.find(spelling.name) != std::string_view::npos);
        if (mayHold)
            TS_TRY(addOwn(own, values));
    }
    m_span.reset();
    return remoteNameOf(values);
}

} // namespace tailscope::analysis
