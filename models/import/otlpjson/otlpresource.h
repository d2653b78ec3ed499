// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/otlpjson/otlpvalues.h"
#include "store/rowsink.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::otlp {

/// Attribute with the number of attributes that the sender left out.
inline constexpr std::string_view kDroppedAttributes = "otel.dropped_attributes_count";

/// A resource, scope or record as it lies in the file, in whatever encoding.
using Record = JsonFramer::Record;

/// What records share: the sender.
struct Resource
{
    TrackRef track = TrackRef::None;
    SetRef set = SetRef::None;
    std::string service, instance;
    /// Attributes that tell senders apart (service, host, container, Kubernetes object), for series' labels.
    std::vector<std::pair<std::string, std::string>> identity;
};

/// Attributes that name the sender of a resource, and its track.
Resource makeResource(AttributeList attributes, RowSink &sink);
const Attribute *findAttribute(AttributeList attributes, std::string_view key);

/// The library that made a record.
struct Scope
{
    SetRef set = SetRef::None;
    std::string name;
};

/// The records of one signal (spans, lines of logs) in one encoding, into rows; reused for a whole file.
class RecordRows
{
public:
    RecordRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    virtual ~RecordRows() = default;

    /// The same bytes as the last time give the same resource without parsing. What cannot be read is skipped
    /// and counts as empty.
    const Resource &resource(const Record &record);
    const Resource &noResource();
    const Scope &scope(const Record &record);
    /// Emits a record, or skips it with its reason.
    virtual void record(const Record &record, const Resource &resource, const Scope &scope) = 0;

protected:
    /// What a resource or scope holds beside its attributes.
    struct Head
    {
        std::string_view name, version;
        std::int64_t dropped = 0;
        bool repaired = false; ///< text had to be mended
    };
    enum class HeadKind { Resource, Scope };
    /// Reads one into `head` and `attributes`; gives the reason when it cannot be read, else nothing.
    virtual std::string_view readHead(HeadKind kind, const Record &record, Head &head,
        JsonAttributes &attributes)
        = 0;
    /// Texts that had to be mended or cut.
    void noteRepaired(bool repaired, JsonAttributes &attributes, std::uint64_t offset);

    RowSink &m_sink;
    ImportReport &m_report;

private:
    bool readInto(HeadKind kind, const Record &record, Head &head);

    JsonAttributes m_headAttributes;
    std::string m_resourceBytes, m_scopeBytes;
    Resource m_resource, m_noResource;
    Scope m_scope, m_noScope;
};

} // namespace tailscope::import::otlp
