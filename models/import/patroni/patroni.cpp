// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/patroni/patroni.h"

#include "base/text.h"
#include "import/common/consoletables.h"
#include "import/common/consoletime.h"
#include "import/common/timetext.h"
#include "import/pgcatalog/catalogvalues.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "patroni-cluster",
    "Patroni cluster",
    "*.txt *.json *.tsv",
    SourceKind::Metrics,
    "Printed by patronictl list, or answered by GET /cluster of Patroni's REST API, once or in a loop with "
    "times.",
};

constexpr std::size_t kMaxJson = 16 * 1024 * 1024;
constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr int kSniffLines = 20;

bool isKnown(std::span<const std::string> names)
{
    const auto has
        = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    return has("member") && has("role") && has("state") && has("tl");
}

struct Member
{
    std::string name, host, role, state;
    std::optional<std::int64_t> timeline, receive, replay;
    std::optional<double> lagBytes;
};

/// Writes members; tells a change of the leader as a failover.
class Members
{
public:
    Members(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    void setTime(Nanos tsNs) { m_ts = tsNs; }
    void setCluster(std::string name) { m_cluster = std::move(name); }

    void take(const Member &member, std::uint64_t offset)
    {
        m_report.rowRead();
        if (m_ts == kUnknownNanos)
            m_report.note(IssueSeverity::Notice, "no-time", offset,
                "nothing says when it was printed: samples have no time; patronictl list -t prints one");
        std::string role = toLowerAscii(member.role);
        std::replace(role.begin(), role.end(), '_', ' ');
        if (role == "leader" || role == "master" || role == "primary" || role == "standby leader")
            return leader(member);
        std::vector<RecordField> fields{{"replica", std::string_view(member.name)}};
        const auto text = [&](std::string_view column, std::string_view value) {
            if (!value.empty())
                fields.push_back({column, value});
        };
        const auto whole = [&](std::string_view column, std::optional<std::int64_t> value) {
            if (value)
                fields.push_back({column, *value});
        };
        text("client", member.host);
        text("state", member.state);
        text("sync_state", role == "sync standby" ? "sync" : role == "quorum standby" ? "quorum" : "");
        if (m_ts != kUnknownNanos)
            fields.push_back({"ts_ns", m_ts});
        whole("timeline", member.timeline);
        whole("receive_position", member.receive);
        whole("replay_position", member.replay);
        if (member.lagBytes && *member.lagBytes < 9e18)
            fields.push_back({"unreplayed_bytes", static_cast<std::int64_t>(std::llround(*member.lagBytes))});
        RecordRow record{};
        record.table = RecordTable::ReplicaSample;
        record.server = server();
        record.fields = fields;
        m_sink.record(record);
    }

private:
    void leader(const Member &member)
    {
        const RecordRef known = server();
        if (known == RecordRef::None)
            return;
        std::string &last = m_leaders[m_cluster];
        if (!last.empty() && last != member.name && m_ts != kUnknownNanos) {
            const std::string title = "leader " + last + " -> " + member.name;
            EventRow row;
            row.tsNs = m_ts;
            row.kind = "failover";
            row.service = m_cluster;
            row.title = title;
            m_sink.event(row);
        }
        last = member.name;
    }

    RecordRef server()
    {
        const auto known = m_servers.find(m_cluster);
        if (known != m_servers.end())
            return known->second;
        std::vector<RecordField> fields{{"kind", std::string_view("postgresql")}};
        if (!m_cluster.empty())
            fields.push_back({"name", std::string_view(m_cluster)});
        RecordRow record{};
        record.table = RecordTable::Server;
        record.fields = fields;
        const RecordRef server = m_sink.record(record);
        if (m_servers.size() < 1000)
            m_servers.emplace(m_cluster, server);
        return server;
    }

    RowSink &m_sink;
    ImportReport &m_report;
    Nanos m_ts = kUnknownNanos;
    std::string m_cluster;
    std::map<std::string, RecordRef> m_servers;
    std::map<std::string, std::string> m_leaders;
};

class PatroniReader final : public Reader
{
public:
    explicit PatroniReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, ClockKind::Utc, m_time.askedTimezone());
        // A cluster has some dozens of members: the text of many snapshots is small.
        std::string text;
        for (;;) {
            const Result<std::string_view> chunk = source.next();
            if (!chunk)
                return fail(chunk.error());
            if (chunk->empty())
                break;
            if (text.size() + chunk->size() > kMaxJson)
                return fail(ErrorCode::BadInput, source.name(), "the file is longer than 16 MiB",
                    "Split it: each part is read by itself.");
            text += *chunk;
        }
        Members members(sink, report);
        const std::size_t json = text.find_first_of("{[");
        const std::size_t table = text.find("Member");
        Result<void> done = json != std::string::npos && (table == std::string::npos || json < table)
            ? readJson(text, members, report)
            : readTables(std::move(text), source.name(), members, report);
        setSource(sink, m_timed ? m_time.clock() : ClockKind::None, m_timed ? m_time.timezone() : "");
        TS_TRY(done);
        if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "it names no member of a cluster",
                "Print them with: patronictl list -t");
        return {};
    }

private:
    static void setSource(RowSink &sink, ClockKind clock, const std::string &timezone)
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = clock;
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeTime(std::string_view text, std::uint64_t offset, Members &members, ImportReport &report)
    {
        const std::optional<TimeText::Time> time = m_time.parse(text, offset, report);
        m_timed = m_timed || time;
        members.setTime(time ? time->ns : kUnknownNanos);
    }

    Result<void> readTables(std::string text, const std::string &name, Members &members, ImportReport &report)
    {
        MemorySource source(std::move(text), name);
        ConsoleTables tables(source, report, isKnown);
        ConsoleItem item;
        while (tables.next(item)) {
            if (item.kind == ConsoleItem::Kind::Time) {
                takeTime(item.text, item.offset, members, report);
            } else if (item.kind == ConsoleItem::Kind::Text) {
                // "+ Cluster: demo (7119014497759128647) -----+"
                constexpr std::string_view kMark = "Cluster: ";
                const std::size_t at = item.text.find(kMark);
                if (at != std::string_view::npos) {
                    const std::string_view rest = item.text.substr(at + kMark.size());
                    members.setCluster(sanitizedUtf8(rest.substr(0, rest.find(' '))));
                }
            } else {
                takeRow(item, members, report);
            }
        }
        return tables.result();
    }

    static void takeRow(const ConsoleItem &item, Members &members, ImportReport &report)
    {
        Member member;
        member.name = sanitizedUtf8(item.cell("member").value_or(""));
        if (member.name.empty())
            return report.skip("no-name", item.offset, item.length, "the row names no member", item.text);
        if (const auto cluster = item.cell("cluster"))
            members.setCluster(sanitizedUtf8(*cluster));
        member.host = sanitizedUtf8(item.cell("host").value_or(""));
        member.role = sanitizedUtf8(item.cell("role").value_or(""));
        member.state = sanitizedUtf8(item.cell("state").value_or(""));
        member.timeline = parseInt64(item.cell("tl").value_or(""));
        member.receive = catalogLsn(item.cell("receive lsn").value_or(""));
        member.replay = catalogLsn(item.cell("replay lsn").value_or(""));
        const std::string_view lag = item.cell("lag in mb|replay lag").value_or("");
        if (const auto megabytes = parseDouble(lag); megabytes && *megabytes >= 0) {
            member.lagBytes = *megabytes * kMegabyte;
            report.note(IssueSeverity::Info, "rounded-lag", item.offset,
                "patronictl prints lags in whole megabytes: 0 may be up to half of one");
        } else if (!lag.empty() && lag != "unknown") {
            report.note(IssueSeverity::Notice, "bad-value", item.offset,
                "the lag is no number: it was left unknown (" + sanitizedUtf8(utf8Prefix(lag, 60)) + ")");
        }
        members.take(member, item.offset);
    }

    Result<void> readJson(const std::string &text, Members &members, ImportReport &report)
    {
        std::size_t at = 0, wasted = 0;
        while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
            if (text[at] != '{' && text[at] != '[') {
                const std::string_view line = std::string_view(text).substr(at, text.find('\n', at) - at);
                if (const std::optional<std::string> time = consoleTime(line))
                    takeTime(*time, at, members, report);
                else
                    report.note(IssueSeverity::Notice, "other-lines", at,
                        "lines that are no JSON were left out");
                at += line.size();
                continue;
            }
            rapidjson::MemoryStream stream(text.data() + at, text.size() - at);
            rapidjson::Document document;
            document.ParseStream<rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag>(stream);
            if (document.HasParseError()) {
                // The next document begins on a line of its own.
                const std::size_t end = std::min(text.size(), text.find("\n{", at + 1));
                report.skip("bad-json", at, end - at, rapidjson::GetParseError_En(document.GetParseError()),
                    std::string_view(text).substr(at, end - at));
                at = end;
                wasted += document.GetErrorOffset();
                if (wasted > 4 * kMaxJson) {
                    report.note(IssueSeverity::DataLoss, "too-broken", at,
                        "too much of the file is no JSON: the rest was not read");
                    break;
                }
                continue;
            }
            takeDocument(document, at, members, report);
            at += stream.Tell();
        }
        return {};
    }

    static std::string textOf(const rapidjson::Value &object, std::initializer_list<const char *> names)
    {
        for (const char *name : names) {
            const auto found = object.FindMember(name);
            if (found != object.MemberEnd() && found->value.IsString())
                return sanitizedUtf8({found->value.GetString(), found->value.GetStringLength()});
        }
        return {};
    }
    static std::optional<double> numberOf(const rapidjson::Value &object,
        std::initializer_list<const char *> names)
    {
        for (const char *name : names) {
            const auto found = object.FindMember(name);
            if (found != object.MemberEnd() && found->value.IsNumber() && found->value.GetDouble() >= 0)
                return found->value.GetDouble();
        }
        return std::nullopt;
    }

    void takeDocument(const rapidjson::Value &document, std::uint64_t offset, Members &members,
        ImportReport &report)
    {
        const rapidjson::Value *list = document.IsArray() ? &document : nullptr;
        if (document.IsObject()) {
            members.setCluster(textOf(document, {"scope"}));
            const auto found = document.FindMember("members");
            list = found != document.MemberEnd() && found->value.IsArray() ? &found->value : nullptr;
        }
        if (list == nullptr)
            return report.skip("no-members", offset, 0, "the object has no list of members", "");
        for (const rapidjson::Value &value : list->GetArray()) {
            if (!value.IsObject())
                continue;
            // patronictl list -f json writes the titles of its columns.
            Member member;
            member.name = textOf(value, {"name", "Member"});
            if (const std::string cluster = textOf(value, {"Cluster"}); !cluster.empty())
                members.setCluster(cluster);
            if (member.name.empty()) {
                report.skip("no-name", offset, 0, "a member has no name", "");
                continue;
            }
            member.host = textOf(value, {"host", "Host"});
            member.role = textOf(value, {"role", "Role"});
            member.state = textOf(value, {"state", "State"});
            if (const auto timeline = numberOf(value, {"timeline", "TL"}); timeline && *timeline < 9e18)
                member.timeline = static_cast<std::int64_t>(*timeline);
            member.receive = catalogLsn(textOf(value, {"receive_lsn", "Receive LSN"}));
            member.replay = catalogLsn(textOf(value, {"replay_lsn", "Replay LSN"}));
            member.lagBytes = numberOf(value, {"replay_lag", "lag"});
            if (const auto megabytes = numberOf(value, {"Replay Lag", "Lag in MB"}))
                member.lagBytes = *megabytes * kMegabyte;
            members.take(member, offset);
        }
    }

    TimeText m_time;
    bool m_timed = false;
};

class PatroniImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::size_t json = prefix.find_first_of("{[");
        const std::string_view head = prefix.substr(std::min(json, prefix.size()), 4096);
        const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
        if (json != std::string_view::npos && json < 200
            && ((has("\"members\"") && has("\"role\"") && has("\"api_url\""))
                || (has("\"Member\"") && has("\"Role\"") && has("\"TL\""))))
            return Confidence::Strong;
        return hasConsoleTable(prefix, kSniffLines, isKnown) ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<PatroniReader>(options);
    }
};

} // namespace

const Importer &patroniImporter()
{
    static const PatroniImporter importer;
    return importer;
}

} // namespace tailscope::import
