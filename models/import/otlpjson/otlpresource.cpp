// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpresource.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import::otlp {

namespace {

constexpr std::size_t kMaxNameBytes = 8192;
constexpr std::size_t kMaxCachedBytes = 64 * 1024;
constexpr std::size_t kMaxIdentity = 64;
constexpr std::array<std::string_view, 6> kIdentity{"service.", "host.name", "container.", "k8s.",
    "deployment.", "cloud.region"};

std::string textOf(AttributeList attributes, std::string_view key)
{
    const Attribute *attribute = findAttribute(attributes, key);
    if (attribute == nullptr)
        return {};
    if (attribute->type == AttributeType::Integer)
        return std::to_string(attribute->integer);
    return std::string(utf8Prefix(attribute->text, kMaxNameBytes));
}

void remember(std::string &cache, std::string_view bytes)
{
    if (bytes.size() <= kMaxCachedBytes)
        cache = bytes;
    else
        cache.clear();
}

} // namespace

const Attribute *findAttribute(AttributeList attributes, std::string_view key)
{
    const auto found = std::find_if(attributes.begin(), attributes.end(),
        [&](const Attribute &attribute) { return attribute.key == key; });
    return found != attributes.end() ? &*found : nullptr;
}

Resource makeResource(AttributeList attributes, RowSink &sink)
{
    Resource resource;
    resource.service = textOf(attributes, "service.name");
    if (resource.service.empty())
        resource.service = "unknown_service";
    for (const std::string_view key : {"service.instance.id", "k8s.pod.name", "host.name", "container.id"}) {
        if (resource.instance.empty())
            resource.instance = textOf(attributes, key);
    }
    std::string process = textOf(attributes, "process.executable.name");
    if (const std::string pid = textOf(attributes, "process.pid"); !pid.empty())
        process = process.empty() ? "pid " + pid : process + " (pid " + pid + ")";
    for (const Attribute &attribute : attributes) {
        const bool names = std::any_of(kIdentity.begin(), kIdentity.end(),
            [&](std::string_view prefix) { return attribute.key.starts_with(prefix); });
        if (names && resource.identity.size() < kMaxIdentity)
            resource.identity.emplace_back(attribute.key, textOf(attributes, attribute.key));
    }
    TrackRow row;
    row.process = process;
    row.service = resource.service;
    row.instance = resource.instance;
    row.shape = TrackRow::Shape::Linked;
    resource.track = sink.track(row);
    if (!attributes.empty())
        resource.set = sink.attributeSet(attributes);
    return resource;
}

void RecordRows::noteRepaired(bool repaired, JsonAttributes &attributes, std::uint64_t offset)
{
    if (repaired)
        m_report.note(IssueSeverity::Notice, "repaired-text", offset,
            "text that is not valid JSON or UTF-8 was mended");
    if (const std::int64_t n = attributes.takeTruncated())
        m_report.note(IssueSeverity::Notice, "attribute-truncated", offset,
            "an attribute longer than 64 KB or nested deeper than 32 levels was cut", n);
}

const Resource &RecordRows::noResource()
{
    if (m_noResource.track == TrackRef::None)
        m_noResource = makeResource({}, m_sink);
    return m_noResource;
}

bool RecordRows::readInto(HeadKind kind, const Record &record, Head &head)
{
    m_headAttributes.clear();
    const std::string_view reason = readHead(kind, record, head, m_headAttributes);
    if (reason.empty())
        return true;
    m_report.skip(kind == HeadKind::Resource ? "malformed-resource" : "malformed-scope", record.offset,
        record.bytes.size(), reason, record.bytes);
    return false;
}

const Resource &RecordRows::resource(const Record &record)
{
    if (!m_resourceBytes.empty() && record.bytes == m_resourceBytes)
        return m_resource;
    Head head;
    if (!readInto(HeadKind::Resource, record, head))
        return noResource();
    if (head.dropped > 0)
        m_headAttributes.addInteger(kDroppedAttributes, head.dropped);
    m_resource = makeResource(m_headAttributes.list(), m_sink);
    noteRepaired(head.repaired, m_headAttributes, record.offset);
    remember(m_resourceBytes, record.bytes);
    return m_resource;
}

const Scope &RecordRows::scope(const Record &record)
{
    if (!m_scopeBytes.empty() && record.bytes == m_scopeBytes)
        return m_scope;
    Head head;
    if (!readInto(HeadKind::Scope, record, head))
        return m_noScope;
    if (!head.name.empty())
        m_headAttributes.addText("otel.scope.name", head.name);
    if (!head.version.empty())
        m_headAttributes.addText("otel.scope.version", head.version);
    if (head.dropped > 0)
        m_headAttributes.addInteger(kDroppedAttributes, head.dropped);
    const AttributeList list = m_headAttributes.list();
    m_scope.set = list.empty() ? SetRef::None : m_sink.attributeSet(list);
    m_scope.name = utf8Prefix(head.name, kMaxNameBytes);
    noteRepaired(head.repaired, m_headAttributes, record.offset);
    remember(m_scopeBytes, record.bytes);
    return m_scope;
}

} // namespace tailscope::import::otlp
