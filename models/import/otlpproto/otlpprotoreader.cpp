// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpproto/otlpprotoreader.h"

#include "import/otlpjson/otlpwaiting.h"
#include "import/otlpproto/otlpprotorows.h"

#include <limits>

namespace tailscope::import::otlp {

namespace {

using Wire = ProtoField::Wire;

constexpr std::uint64_t kOpenEnd = std::numeric_limits<std::uint64_t>::max(); ///< of a message without length
/// Fields of TracesData, ResourceSpans and ScopeSpans; those of logs are numbered alike.
constexpr std::uint32_t kResourceRecords = 1, kResource = 1, kScopeRecords = 2, kScope = 1, kRecords = 2;

class Walker
{
public:
    Walker(ByteSource &source, RowSink &sink, ImportReport &report)
        : m_stream(source)
        , m_rows(sink, report)
        , m_waiting(m_rows, report)
        , m_report(report)
    {}
    void read();
    Result<void> verdict(const std::string &name);
    const OtlpProtoRows &rows() const { return m_rows; }

private:
    /// Calls take(field, end of its content) for each field of the message that ends at `end`; the stream
    /// stands at the content of Bytes fields, which take() must leave behind.
    template<typename Take>
    void fields(std::uint64_t end, std::string_view message, Take &&take)
    {
        ProtoField field;
        while (m_stream.offset() < end && m_stream.head(field)) {
            const std::uint64_t left = m_stream.offset() <= end ? end - m_stream.offset() : 0;
            if (field.wire != Wire::Bytes && m_stream.offset() <= end)
                continue;
            if (m_stream.offset() > end || field.value > left) {
                m_report.skip("wrong-length", field.offset, left,
                    "a field of " + std::string(message) + " is longer than what is around it", {});
                m_broken |= m_stream.offset() > end;
                m_stream.skip(left);
                return;
            }
            take(field, m_stream.offset() + field.value);
            if (m_broken)
                return;
        }
        m_short |= m_stream.offset() < end && end != kOpenEnd && !m_stream.error();
    }
    void readMessage(std::uint64_t end);
    void readResource(std::uint64_t end);
    void readScope(std::uint64_t end);
    /// A resource, scope or record as a whole.
    bool record(ProtoField &field, std::string_view what, Record &record);

    ProtoStream m_stream;
    OtlpProtoRows m_rows;
    WaitingRecords m_waiting;
    ImportReport &m_report;
    bool m_sawRecords = false; ///< a resource with a list of records
    bool m_short = false; ///< the file ends between two fields of a message that is longer
    bool m_broken = false; ///< a field runs over the end of its message: nothing says where the next one is
};

bool Walker::record(ProtoField &field, std::string_view what, Record &record)
{
    const std::uint64_t size = field.value;
    record.offset = m_stream.offset();
    if (!m_stream.content(field))
        return false;
    if (field.tooLong) {
        m_report.skip(std::string(what) + "-too-long", record.offset, size, "longer than 16 MB", {});
        return false;
    }
    record.bytes = field.bytes;
    return true;
}

void Walker::readScope(std::uint64_t end)
{
    m_waiting.beginScope();
    fields(end, "a scope", [&](ProtoField &field, std::uint64_t) {
        Record held;
        if (field.number == kScope) {
            if (record(field, "scope", held))
                m_waiting.scope(held);
        } else if (field.number == kRecords) {
            m_sawRecords = true;
            if (record(field, "span", held))
                m_waiting.record(held);
        } else {
            m_stream.skip(field.value);
        }
    });
    m_waiting.endScope();
}

void Walker::readResource(std::uint64_t end)
{
    m_waiting.beginResource();
    fields(end, "a resource", [&](ProtoField &field, std::uint64_t fieldEnd) {
        Record held;
        if (field.number == kResource) {
            if (record(field, "resource", held))
                m_waiting.resource(held);
        } else if (field.number == kScopeRecords) {
            readScope(fieldEnd);
        } else {
            m_stream.skip(field.value);
        }
    });
    m_waiting.endResource();
}

void Walker::readMessage(std::uint64_t end)
{
    fields(end, "the message", [&](ProtoField &field, std::uint64_t fieldEnd) {
        if (field.number == kResourceRecords)
            readResource(fieldEnd);
        else
            m_stream.skip(field.value);
    });
}

void Walker::read()
{
    // No field has the tag 0: such a file begins with a length.
    if (m_stream.peekByte() != 0) {
        readMessage(kOpenEnd);
        return;
    }
    std::uint64_t size = 0;
    while (!m_broken && !m_short && m_stream.size32(size))
        readMessage(m_stream.offset() + size);
}

Result<void> Walker::verdict(const std::string &name)
{
    const std::int64_t rows = m_rows.spans() + m_rows.lines();
    if (m_rows.metrics() > 1)
        m_report.note(IssueSeverity::Notice, "metrics-not-read", 0, "", m_rows.metrics() - 1);
    if (m_stream.sourceFailed())
        return fail(*m_stream.error());
    if (m_stream.cut() || m_short)
        m_report.note(IssueSeverity::DataLoss, "truncated", m_stream.offset(),
            "the file ends inside a message; " + std::to_string(rows) + " rows before that were read");
    if (m_stream.error() && !m_stream.cut()) {
        if (rows == 0)
            return fail(*m_stream.error());
        m_report.note(IssueSeverity::DataLoss, "broken-message", m_stream.offset(),
            m_stream.error()->detail + "; " + std::to_string(rows) + " rows before that were read");
    }
    if (rows > 0 || m_sawRecords)
        return {};
    return fail(Error{ErrorCode::BadInput, name, "no span and no log record could be read from it",
        Location{m_stream.offset(), std::nullopt, std::nullopt},
        "OTLP in protobuf is a TracesData or LogsData message, or such messages after their lengths"});
}

void appendField(std::string &out, std::uint32_t number, std::string_view bytes)
{
    out += static_cast<char>(number << 3 | 2);
    for (std::size_t size = bytes.size(); size >= 0x80; size >>= 7)
        out += static_cast<char>((size & 0x7F) | 0x80);
    std::size_t last = bytes.size();
    while (last >= 0x80)
        last >>= 7;
    out += static_cast<char>(last);
    out += bytes;
}

} // namespace

std::string protoDocumentOf(std::string_view record)
{
    std::string scope, resource, message;
    appendField(scope, kRecords, record);
    appendField(resource, kScopeRecords, scope);
    appendField(message, kResourceRecords, resource);
    return message;
}

Result<void> OtlpProtoReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    Walker walker(source, sink, report);
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    walker.read();
    if (walker.rows().spans() == 0 && walker.rows().lines() > 0)
        sink.setSource({SourceKind::Log, ClockKind::Utc, "UTC"});
    return walker.verdict(source.name());
}

} // namespace tailscope::import::otlp
