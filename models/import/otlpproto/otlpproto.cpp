// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpproto/otlpproto.h"

#include "base/text.h"
#include "import/common/protowire.h"
#include "import/otlpproto/otlpprotoreader.h"
#include "import/otlpproto/otlpprotorows.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Wire = ProtoField::Wire;

const FormatDescriptor kDescriptor{
    "otlp-protobuf",
    "OTLP protobuf traces and logs",
    "*.pb *.binpb *.otlp *.bin",
    SourceKind::Trace,
    "Written by the OpenTelemetry collector's file exporter with format: proto, and by whatever keeps an "
    "export request as it was sent.",
    RecordJoin::Bytes,
    otlp::protoDocumentOf,
};

/// A message of which the prefix may hold the beginning only.
struct Part
{
    std::string_view bytes;
    bool whole = true;
};

/// The next Bytes field; its content may be cut by the end of the prefix. False where it is no such field or
/// longer than what is around it.
bool takeBytes(Part &part, std::uint32_t &number, Part &content)
{
    std::size_t at = 0;
    const auto varint = [&](std::uint64_t &value) {
        value = 0;
        for (int shift = 0; shift < 64 && at < part.bytes.size(); shift += 7) {
            const auto byte = static_cast<unsigned char>(part.bytes[at++]);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return true;
        }
        return false;
    };
    std::uint64_t tag = 0, size = 0;
    if (!varint(tag) || (tag & 7) != 2 || !varint(size))
        return false;
    const std::size_t left = part.bytes.size() - at;
    if (size > left && part.whole)
        return false;
    number = static_cast<std::uint32_t>(tag >> 3);
    content = {part.bytes.substr(at, static_cast<std::size_t>(std::min<std::uint64_t>(size, left))),
        size <= left};
    part.bytes.remove_prefix(at + content.bytes.size());
    return true;
}

/// A pair of a readable key and a value.
bool isKeyValue(std::string_view bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    bool key = false;
    while (fields.next(field)) {
        if (field.wire != Wire::Bytes || field.number > 2)
            return false;
        if (field.number == 1)
            key = !field.bytes.empty() && isValidUtf8(field.bytes)
                && std::none_of(field.bytes.begin(), field.bytes.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' '; });
    }
    return key && !fields.broken();
}

/// The resource: attributes, then maybe counts. An empty one says nothing.
bool isResource(const Part &resource, bool &sure)
{
    Part rest = resource;
    std::uint32_t number = 0;
    Part pair;
    while (!rest.bytes.empty() && takeBytes(rest, number, pair)) {
        if (number != 1)
            return number <= 3;
        if (!pair.whole)
            return sure;
        if (!isKeyValue(pair.bytes))
            return false;
        sure = true;
    }
    return true;
}

/// Scope and records: the first record tells.
bool isScopeRecords(const Part &list, bool &sure)
{
    Part rest = list;
    std::uint32_t number = 0;
    Part record;
    while (!rest.bytes.empty() && takeBytes(rest, number, record)) {
        if (number > 3)
            return false;
        if (number == 2 && record.whole) {
            const otlp::ProtoRecord kind = otlp::recordKindOf(record.bytes);
            sure |= kind == otlp::ProtoRecord::Span || kind == otlp::ProtoRecord::Log;
            return kind != otlp::ProtoRecord::Unknown;
        }
    }
    return true;
}

class OtlpProtoImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    /// Protobuf has no magic number: the messages must nest as those of OTLP do.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        Part message{prefix, false};
        constexpr std::size_t kLengthBytes = 4;
        if (prefix.starts_with('\0') && prefix.size() > kLengthBytes)
            message.bytes.remove_prefix(kLengthBytes);
        std::uint32_t number = 0;
        Part resourceRecords;
        if (!takeBytes(message, number, resourceRecords) || number != 1)
            return Confidence::No;
        bool sure = false;
        Part part;
        int parts = 0;
        while (!resourceRecords.bytes.empty() && takeBytes(resourceRecords, number, part)) {
            ++parts;
            const bool good = number == 1 ? isResource(part, sure)
                : number == 2             ? isScopeRecords(part, sure)
                                          : number == 3;
            if (!good)
                return Confidence::No;
        }
        return sure && parts > 0 ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<otlp::OtlpProtoReader>();
    }
};

} // namespace

const Importer &otlpProtoImporter()
{
    static const OtlpProtoImporter importer;
    return importer;
}

} // namespace tailscope::import
