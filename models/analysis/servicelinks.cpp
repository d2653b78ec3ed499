// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servicelinks.h"

#include "analysis/remotenames.h"
#include "analysis/serviceofspan.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

// Few samples of a crowded operation tell little: at least so many where there are as many.
constexpr std::int64_t kLeastSamples = 16;

Result<void> readMessages(store::Database &reader, const SpanColumns &columns, ServiceLinks &links)
{
    Result<store::Statement> rows = reader.prepare("SELECT span_id, linked_span_id FROM span_link"
                                                   " WHERE linked_span_id IS NOT NULL");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const std::uint32_t consumer = columns.rowOfId(rows->integer(0));
        const std::uint32_t producer = columns.rowOfId(rows->integer(1));
        if (consumer == kNoRow || producer == kNoRow || consumer == producer)
            continue;
        // Other links (a batch that names its causes, a retry that names its first try) are no calls.
        const bool isMessage = SpanKind(columns.kind[producer]) == SpanKind::Producer
            || SpanKind(columns.kind[consumer]) == SpanKind::Consumer;
        // Where the parent says it too, the link adds nothing.
        if (isMessage && columns.parent[consumer] != producer)
            links.messages.push_back({producer, consumer});
    }
    const auto key = [](const ServiceLinks::Message &m) { return std::pair(m.consumer, m.producer); };
    std::sort(links.messages.begin(), links.messages.end(),
        [&](const auto &a, const auto &b) { return key(a) < key(b); });
    const auto last = std::unique(links.messages.begin(), links.messages.end(),
        [&](const auto &a, const auto &b) { return key(a) == key(b); });
    links.messages.erase(last, links.messages.end());
    return {};
}

/// Rows of clients and producers of which no span of a callee is known, by (service, operation).
std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>>
openCalls(const SpanColumns &columns, const ServiceLinks &links)
{
    const std::vector<std::uint32_t> service = serviceOfTrack(columns);
    std::vector<bool> answered(columns.size(), false);
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        const std::uint32_t parent = columns.parent[row];
        if (parent == kNoRow)
            continue;
        const auto kind = SpanKind(columns.kind[row]);
        // A client inside a client (HTTP below a driver): the inner one is the call.
        if (service[columns.track[row]] != service[columns.track[parent]] || kind == SpanKind::Server
            || kind == SpanKind::Consumer || isCallKind(kind))
            answered[parent] = true;
    }
    for (const ServiceLinks::Message &message : links.messages)
        answered[message.producer] = true;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> groups;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (!answered[row] && isCallKind(SpanKind(columns.kind[row])))
            groups[{service[columns.track[row]], columns.operation[row]}].push_back(row);
    }
    return groups;
}

class RemoteLoader
{
public:
    RemoteLoader(const SpanColumns &columns, RemoteNames &names, ServiceLinks &links)
        : m_columns(columns)
        , m_names(names)
        , m_links(links)
    {}

    /// Looks up `samples` rows of the group, spread evenly over it.
    Result<void> addGroup(const std::vector<std::uint32_t> &rows, std::int64_t samples)
    {
        const std::int64_t n = std::int64_t(rows.size());
        samples = std::clamp<std::int64_t>(samples, 1, n);
        std::vector<ServiceLinks::Remote> found;
        std::int64_t unnamed = 0;
        for (std::int64_t i = 0; i < samples; ++i) {
            const std::uint32_t row = rows[std::size_t(i * n / samples)];
            Result<RemoteName> name = m_names.of(m_columns.id(row));
            if (!name)
                return tl::unexpected(std::move(name.error()));
            if (name->text.empty())
                ++unnamed;
            else
                found.push_back({row, indexOf(name->text), name->kind});
        }
        const bool agree = std::all_of(found.begin(), found.end(),
            [&](const auto &remote) { return remote.name == found.front().name; });
        if (samples < n && agree && unnamed == 0) {
            for (const std::uint32_t row : rows)
                m_links.remotes.push_back({row, found.front().name, found.front().kind});
            return {};
        }
        m_links.remotes.insert(m_links.remotes.end(), found.begin(), found.end());
        if (found.empty())
            m_links.unnamed += n;
        else {
            m_links.unnamed += unnamed;
            m_links.unread += n - samples;
        }
        return {};
    }

private:
    std::uint32_t indexOf(const std::string &name)
    {
        const auto [place, isNew] = m_index.emplace(name, std::uint32_t(m_links.names.size()));
        if (isNew)
            m_links.names.push_back(name);
        return place->second;
    }

    const SpanColumns &m_columns;
    RemoteNames &m_names;
    ServiceLinks &m_links;
    std::unordered_map<std::string, std::uint32_t> m_index;
};

} // namespace

Result<ServiceLinks> loadServiceLinks(const store::Workspace &workspace, const SpanColumns &columns,
    const Progress &progress, std::int64_t maxLookups)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    ServiceLinks links;
    TS_TRY(readMessages(*reader, columns, links));
    const auto groups = openCalls(columns, links);
    std::int64_t calls = 0;
    for (const auto &[key, rows] : groups)
        calls += std::int64_t(rows.size());
    Result<RemoteNames> names = RemoteNames::prepare(*reader);
    if (!names)
        return tl::unexpected(std::move(names.error()));
    RemoteLoader loader(columns, *names, links);
    for (const auto &[key, rows] : groups) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "service map", "cancelled");
        const auto n = std::int64_t(rows.size());
        const std::int64_t share = calls <= maxLookups
            ? n
            : std::max(kLeastSamples, std::int64_t(double(n) * double(maxLookups) / double(calls)));
        // One snapshot a group: each look-up alone would lock and unlock the file.
        TS_TRY(reader->execute("BEGIN"));
        TS_TRY(loader.addGroup(rows, share));
        TS_TRY(reader->execute("COMMIT"));
    }
    std::sort(links.remotes.begin(), links.remotes.end(),
        [](const auto &a, const auto &b) { return a.row < b.row; });
    return links;
}

} // namespace tailscope::analysis
