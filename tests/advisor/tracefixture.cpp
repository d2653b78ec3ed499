// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracefixture.h"

#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/traceanalyses.h"
#include "store/bulkwriter.h"

#include <map>

#include <QTest>

namespace tailscope::testing {

namespace {

Nanos nanos(double ms) { return Nanos(ms * 1e6); }

void writeTrace(store::BulkWriter &writer, std::map<std::string, TrackRef> &tracks,
    const std::vector<TestSpan> &spans, int number, double spacingMs)
{
    const TraceRef trace = writer.trace("trace-" + std::to_string(number));
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const TestSpan &span = spans[i];
        TrackRef &track = tracks[span.service + '\n' + span.instance];
        if (track == TrackRef::None) {
            TrackRow row;
            row.service = span.service;
            row.instance = span.instance;
            row.shape = TrackRow::Shape::Linked;
            track = writer.track(row);
        }
        SpanRow row;
        row.track = track;
        row.trace = trace;
        row.key = {SpanKey::Kind::Hex64, std::uint64_t(number) * 10'000 + i + 1, {}};
        if (span.parent >= 0)
            row.parentKey
                = {SpanKey::Kind::Hex64, std::uint64_t(number) * 10'000 + std::uint64_t(span.parent) + 1, {}};
        row.operation = span.operation;
        row.kind = span.kind;
        row.status = span.failed ? SpanStatus::Error : SpanStatus::Ok;
        row.httpStatus = span.http;
        row.startNs = TraceFixture::kStartNs + nanos(number * spacingMs) + nanos(span.startMs);
        row.durationNs = nanos(span.durationMs);
        std::vector<std::pair<std::string, std::string>> given = span.more;
        if (!span.key.empty())
            given.insert(given.begin(), {span.key, span.value});
        std::vector<Attribute> attributes;
        for (const auto &[key, value] : given) {
            Attribute attribute;
            attribute.key = key;
            attribute.type = AttributeType::Text;
            attribute.text = value;
            attributes.push_back(attribute);
        }
        row.attributes = attributes;
        writer.span(row);
    }
}

} // namespace

TraceFixture::TraceFixture(const std::vector<std::vector<TestSpan>> &traces, double spacingMs)
{
    auto created = store::Workspace::temporary();
    if (!created)
        qFatal("%s", created.error().toText().c_str());
    m_workspace = std::move(*created);
    auto writer = store::BulkWriter::create(*m_workspace, {"test", "test", std::nullopt}, {});
    if (!writer)
        qFatal("%s", writer.error().toText().c_str());
    SourceInfo info;
    (*writer)->setSource(info);
    std::map<std::string, TrackRef> tracks;
    int number = 0;
    for (const auto &spans : traces)
        writeTrace(**writer, tracks, spans, ++number, spacingMs);
    const std::int64_t source = (*writer)->sourceId();
    const auto finished = (*writer)->finish({});
    if (!finished)
        qFatal("%s", finished.error().toText().c_str());
    const auto ready = analysis::makeReady(*m_workspace, source, {});
    if (!ready)
        qFatal("%s", ready.error().toText().c_str());
    const auto stats = analysis::refreshOperationStats(*m_workspace, {});
    if (!stats)
        qFatal("%s", stats.error().toText().c_str());
    const auto paths = analysis::refreshTraceAnalyses(*m_workspace, {});
    if (!paths)
        qFatal("%s", paths.error().toText().c_str());
}

void TraceFixture::addEvent(double seconds, const std::string &kind, const std::string &service,
    const std::string &title)
{
    auto writer = m_workspace->connectWriter();
    if (!writer)
        qFatal("%s", writer.error().toText().c_str());
    auto insert = writer->prepare("INSERT INTO event_raw (ts_ns, kind, service, title) VALUES (?, ?, ?, ?)");
    if (!insert)
        qFatal("%s", insert.error().toText().c_str());
    insert->bind(0, kStartNs + nanos(seconds * 1000));
    insert->bind(1, std::string_view(kind));
    insert->bind(2, std::string_view(service));
    insert->bind(3, std::string_view(title));
    if (!insert->run())
        qFatal("the marker was not written");
}

std::string TraceFixture::findings()
{
    const auto analysed = analysis::refreshTraceAnalyses(*m_workspace, {});
    if (!analysed)
        qFatal("%s", analysed.error().toText().c_str());
    std::vector<Error> errors;
    const std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
    const auto outcome = advisor::runRules(*m_workspace, rules, {});
    if (!outcome)
        qFatal("%s", outcome.error().toText().c_str());
    for (const Error &error : outcome->failed)
        qFatal("%s", error.toText().c_str());
    return text(
        "SELECT coalesce((SELECT group_concat(line, char(10)) FROM (SELECT rule_id || ' ' || severity AS line"
        " FROM finding ORDER BY 1)), '')");
}

std::string TraceFixture::text(const std::string &sql)
{
    auto reader = m_workspace->connectReader();
    if (!reader)
        qFatal("%s", reader.error().toText().c_str());
    const auto value = reader->text(sql);
    if (!value)
        qFatal("%s: %s", sql.c_str(), value.error().toText().c_str());
    return value->value_or("(null)");
}

} // namespace tailscope::testing
