// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/topology/topology.h"

#include "base/text.h"
#include "import/topology/topologyrows.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "topology",
    "Topology and limits (TOML)",
    "*.toml",
    SourceKind::Config,
    "Written by hand: [service.X] instances, [service.X.pool.Y] size, [call.A.B] timeout_ms, [server.Z] "
    "max_connections.",
};

constexpr std::array<std::string_view, 3> kTables{"[service.", "[call.", "[server."};
constexpr std::array<std::string_view, 13> kKeys{"instances", "workers", "cores", "tier", "size", "target",
    "mode", "acquire_timeout_ms", "timeout_ms", "retries", "sync", "breaker", "max_connections"};

class TopologyReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        SourceInfo info;
        info.kind = SourceKind::Config;
        info.clock = ClockKind::None;
        sink.setSource(info);
        std::string text;
        for (;;) {
            const Result<std::string_view> chunk = source.next();
            if (!chunk)
                return fail(chunk.error());
            if (chunk->empty())
                break;
            if (text.size() + chunk->size() > TopologyRows::kMaxBytes)
                return fail(ErrorCode::BadInput, source.name(), "the file is longer than 1 MiB",
                    "A topology is written by hand: split it into several files.");
            text += *chunk;
        }
        return TopologyRows(sink, report).read(std::move(text), source.name());
    }
};

class TopologyImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        bool inTable = false;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.starts_with('[')) {
                inTable = std::any_of(kTables.begin(), kTables.end(),
                    [&](std::string_view table) { return line.starts_with(table); });
                continue;
            }
            // A table of that name may be anybody's; with one of our keys in it, it is ours.
            const std::string_view key = trimmed(line.substr(0, line.find('=')));
            if (inTable && key.size() < line.size()
                && std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end())
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<TopologyReader>();
    }
};

} // namespace

const Importer &topologyImporter()
{
    static const TopologyImporter importer;
    return importer;
}

} // namespace tailscope::import
