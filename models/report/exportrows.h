// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"
#include "store/rows.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::report {

/// An attribute that owns its texts.
struct ExportAttribute
{
    std::string key;
    AttributeType type = AttributeType::Null;
    std::string text;
    std::int64_t integer = 0;
    double real = 0;
};
using ExportAttributes = std::vector<ExportAttribute>;
/// Views of them, as a RowSink takes them; valid as long as `attributes`.
std::vector<Attribute> viewsOf(const ExportAttributes &attributes);

/// A span or trace key that owns its text.
struct ExportKey
{
    SpanKey::Kind kind = SpanKey::Kind::None;
    std::uint64_t hex = 0;
    std::string text;
    SpanKey view() const { return {kind, hex, text}; }
};

struct ExportSpan
{
    std::int64_t id = 0, track = 0, trace = 0, parent = 0; ///< parent: as derived; 0 = none
    ExportKey key, parentKey;
    std::string operation, category;
    SpanKind kind = SpanKind::Internal;
    SpanStatus status = SpanStatus::Unset;
    std::uint16_t httpStatus = 0;
    Nanos start = 0, duration = kUnknownNanos; ///< as the file has it, without the offset of its source
    std::int64_t resourceSet = 0, scopeSet = 0; ///< 0 = none
    ExportAttributes attributes; ///< the span's own
    std::uint32_t quality = 0;
};
struct ExportEvent
{
    bool isOnTrack = false; ///< an instant of the track, not of a span
    Nanos ts = 0;
    std::string name;
    ExportAttributes attributes;
};
struct ExportLink
{
    std::string traceKey;
    ExportKey spanKey;
    std::int64_t linkedSpan = 0; ///< id when it is in the workspace
    ExportAttributes attributes;
};
struct ExportTrack
{
    std::string process, thread, service, instance;
    std::int64_t processSort = 0, threadSort = 0;
    TrackRow::Shape shape = TrackRow::Shape::Nested;
};
struct ExportTrace
{
    bool isBytes = false; ///< key holds 16 raw bytes
    std::string key;
};

/// Reads raw rows by id, redacted unless told otherwise. One thread; the connection must outlive it.
class ExportReader
{
public:
    static Result<ExportReader> prepare(store::Database &database, bool keepLiterals);

    Result<ExportSpan> span(std::int64_t id);
    Result<std::vector<ExportEvent>> events(std::int64_t spanId);
    Result<std::vector<ExportLink>> links(std::int64_t spanId);
    Result<ExportTrack> track(std::int64_t id);
    Result<ExportTrace> trace(std::int64_t id);
    Result<ExportAttributes> attributeSet(std::int64_t id);

private:
    ExportAttributes fromJson(std::string_view json);
    std::string redacted(const std::string &key, std::string_view text);
    std::string redactedOperation(std::string_view text);

    bool m_keepLiterals = false;
    store::Statement m_span, m_events, m_links, m_track, m_trace, m_set;
    std::unordered_map<std::string, std::string> m_redacted; ///< SQL texts repeat
};

/// Value of an attribute as it may leave the machine: SQL without literals, URLs without what stands behind
/// "?" and before "@", nothing of what a key calls a secret.
std::string redactedAttribute(const std::string &key, const std::string &text);

} // namespace tailscope::report
