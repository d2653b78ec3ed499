// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtest/loadrun.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import::loadtest {

namespace {

constexpr std::size_t kMaxParameters = 1024 * 1024;

std::string_view toText(Loop loop)
{
    return loop == Loop::Closed ? "closed" : loop == Loop::Open ? "open" : "unknown";
}

std::string_view toText(Omission omission)
{
    switch (omission) {
    case Omission::Possible:
        return "possible";
    case Omission::Corrected:
        return "corrected";
    case Omission::No:
        return "no";
    case Omission::Unknown:
        break;
    }
    return "unknown";
}

std::string_view toText(Level level)
{
    return level == Level::Requests ? "requests" : level == Level::Intervals ? "intervals" : "summary";
}

std::string_view toText(LoadPhase::Kind kind)
{
    return kind == LoadPhase::Kind::Whole    ? "whole"
        : kind == LoadPhase::Kind::Operation ? "operation"
                                             : "interval";
}

std::string bounded(std::string_view text) { return sanitizedUtf8(utf8Prefix(text, LoadRun::kMaxText)); }

void add(JsonText &json, std::string_view key, std::string_view value)
{
    if (value.empty())
        return;
    json.key(key);
    json.string(bounded(value));
}

void add(JsonText &json, std::string_view key, std::optional<double> value)
{
    if (!value || !std::isfinite(*value))
        return;
    json.key(key);
    json.real(*value);
}

std::string extraJson(const LoadPhase &phase)
{
    if (phase.extra.empty() && phase.unit.empty())
        return {};
    JsonText json;
    json.startObject();
    for (const auto &[key, value] : phase.extra)
        add(json, key, std::optional(value));
    add(json, "unit", phase.unit);
    json.endObject();
    return json.text();
}

RecordField timeField(std::string_view column, Nanos ns)
{
    RecordField field{column, {}};
    if (ns != kUnknownNanos)
        field.value = std::int64_t(ns);
    return field;
}

RecordField realField(std::string_view column, std::optional<double> value)
{
    RecordField field{column, {}};
    if (value && std::isfinite(*value))
        field.value = *value;
    return field;
}

RecordField countField(std::string_view column, std::optional<std::int64_t> value)
{
    RecordField field{column, {}};
    if (value)
        field.value = *value;
    return field;
}

} // namespace

void LoadPhase::setExtra(std::string_view key, double value)
{
    for (auto &[known, figure] : extra) {
        if (known == key) {
            figure = value;
            return;
        }
    }
    extra.emplace_back(key, value);
}

void LoadPhase::setQuantile(double quantile, double milliseconds)
{
    const auto is = [quantile](double q) { return std::abs(quantile - q) < 1e-9; };
    if (is(0.5))
        p50Ms = milliseconds;
    else if (is(0.9))
        p90Ms = milliseconds;
    else if (is(0.95))
        p95Ms = milliseconds;
    else if (is(0.99))
        p99Ms = milliseconds;
    else if (is(1))
        maxMs = milliseconds;
    else if (is(0))
        minMs = milliseconds;
    else if (quantile > 0 && quantile < 1) {
        // 0.999 is p999, 0.75 is p75.
        std::string digits = std::to_string(std::llround(quantile * 1e6));
        digits.insert(0, 6 - std::min<std::size_t>(6, digits.size()), '0');
        while (digits.size() > 2 && digits.back() == '0')
            digits.pop_back();
        setExtra("p" + digits + "_ms", milliseconds);
    }
}

void LoadRun::threshold(std::string_view metric, std::string_view expression, std::optional<bool> ok)
{
    if (m_thresholds.size() < kMaxFailures)
        m_thresholds.push_back({bounded(metric), bounded(expression), ok});
}

void LoadRun::failure(std::string_view operation, std::string_view message, std::int64_t count)
{
    std::pair<std::string, std::string> key{utf8Prefix(operation, kMaxText), utf8Prefix(message, 1024)};
    const auto found = m_failures.find(key);
    if (found != m_failures.end())
        found->second = saturatingAdd(found->second, count);
    else if (m_failures.size() < kMaxFailures)
        m_failures.emplace(std::move(key), count);
    else
        m_otherFailures = saturatingAdd(m_otherFailures, count);
}

void LoadRun::status(std::string_view code, std::int64_t count)
{
    std::string key(utf8Prefix(code, 64));
    if (m_statuses.size() < kMaxStatuses || m_statuses.contains(key)) {
        std::int64_t &sum = m_statuses[std::move(key)];
        sum = saturatingAdd(sum, count);
    }
}

void LoadRun::phase(LoadPhase phase)
{
    if (m_phases.size() < kMaxPhases)
        m_phases.push_back(std::move(phase));
    else
        ++m_droppedPhases;
}

void LoadRun::touch(Nanos ns)
{
    if (ns == kUnknownNanos)
        return;
    startNs = startNs == kUnknownNanos ? ns : std::min(startNs, ns);
    endNs = endNs == kUnknownNanos ? ns : std::max(endNs, ns);
}

std::string LoadRun::parameters() const
{
    JsonText json(64, kMaxParameters);
    json.startObject();
    add(json, "loop", toText(loop));
    add(json, "coordinated_omission", toText(omission));
    add(json, "level", toText(m_level));
    add(json, "target_rate", targetRate);
    add(json, "users", users);
    add(json, "threads", threads);
    add(json, "duration_s", durationSeconds);
    add(json, "target", target);
    add(json, "version", version);
    add(json, "weights", weights);
    if (!m_thresholds.empty()) {
        json.key("thresholds");
        json.startArray();
        for (const Threshold &threshold : m_thresholds) {
            json.startObject();
            add(json, "metric", threshold.metric);
            add(json, "expression", threshold.expression);
            json.key("ok");
            threshold.ok ? json.boolean(*threshold.ok) : json.null();
            json.endObject();
        }
        json.endArray();
    }
    if (!m_statuses.empty()) {
        json.key("statuses");
        json.startObject();
        for (const auto &[code, n] : m_statuses) {
            json.key(sanitizedUtf8(code));
            json.integer(n);
        }
        json.endObject();
    }
    if (!m_failures.empty()) {
        json.key("failures");
        json.startArray();
        for (const auto &[key, n] : m_failures) {
            json.startObject();
            add(json, "operation", key.first);
            add(json, "message", key.second);
            json.key("count");
            json.integer(n);
            json.endObject();
        }
        json.endArray();
    }
    json.endObject();
    return json.text();
}

void LoadRun::write(RowSink &sink, ImportReport &report)
{
    const std::string runName = bounded(!name.empty() ? name : !target.empty() ? target : tool);
    const std::string json = parameters();
    const std::array fields{RecordField{"name", std::string_view(runName)},
        RecordField{"kind", std::string_view("load_test")}, timeField("start_ns", startNs),
        timeField("end_ns", endNs), RecordField{"tool", std::string_view(tool)},
        RecordField{"parameters", std::string_view(json)}};
    RecordRow row{};
    row.table = RecordTable::Run;
    row.fields = fields;
    const RecordRef run = sink.record(row);

    whole.startNs = whole.startNs == kUnknownNanos ? startNs : whole.startNs;
    whole.endNs = whole.endNs == kUnknownNanos ? endNs : whole.endNs;
    if (!whole.users)
        whole.users = users;
    if (!whole.targetRate)
        whole.targetRate = targetRate;
    if (whole.name.empty())
        whole.name = "whole run";
    writePhase(sink, run, whole);
    for (const LoadPhase &phase : m_phases)
        writePhase(sink, run, phase);
    if (m_droppedPhases > 0)
        report.note(IssueSeverity::DataLoss, "too-many-intervals", 0,
            "more than 100,000 intervals: the rest of them is only in the series", m_droppedPhases);
    if (m_otherFailures > 0)
        report.note(IssueSeverity::DataLoss, "too-many-messages", 0,
            "more than 1,000 kinds of failures: the messages of the rest are not kept", m_otherFailures);
}

void LoadRun::writePhase(RowSink &sink, RecordRef run, const LoadPhase &phase)
{
    const std::string phaseName = bounded(phase.name);
    const std::string extra = extraJson(phase);
    RecordField extraField{"extra", {}};
    if (!extra.empty())
        extraField.value = std::string_view(extra);
    const std::array fields{RecordField{"position", m_position++},
        RecordField{"name", std::string_view(phaseName)}, timeField("start_ns", phase.startNs),
        timeField("end_ns", phase.endNs), realField("target_rate", phase.targetRate),
        realField("rate", phase.rate), realField("users", phase.users),
        countField("requests", phase.requests), countField("errors", phase.errors),
        realField("p50_ms", phase.p50Ms), realField("p95_ms", phase.p95Ms), realField("p99_ms", phase.p99Ms),
        realField("max_ms", phase.maxMs), RecordField{"kind", toText(phase.kind)},
        realField("mean_ms", phase.meanMs), realField("p90_ms", phase.p90Ms),
        realField("min_ms", phase.minMs), extraField};
    RecordRow row{};
    row.table = RecordTable::RunPhase;
    row.run = run;
    row.fields = fields;
    sink.record(row);
}

} // namespace tailscope::import::loadtest
