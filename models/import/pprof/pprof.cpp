// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pprof/pprof.h"

#include "import/common/protowire.h"
#include "import/pprof/pprofreader.h"
#include "import/pprof/pproftables.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pprof",
    "pprof profile",
    "*.pprof *.pb.gz *.prof",
    SourceKind::Profile,
    "Written by Go's runtime/pprof and net/http/pprof, and by profilers of many languages that export pprof.",
};

/// Wire type of each field of Profile, by number; -1 = there is none. Packed or not, integers are legal both
/// ways.
bool isProfileField(const ProtoField &field)
{
    using Wire = ProtoField::Wire;
    switch (field.number) {
    case pprof::kSampleType:
    case pprof::kSample:
    case pprof::kMapping:
    case pprof::kLocation:
    case pprof::kFunction:
    case pprof::kStringTable:
    case pprof::kPeriodType:
        return field.wire == Wire::Bytes;
    case pprof::kComment:
        return field.wire == Wire::Bytes || field.wire == Wire::Varint;
    case pprof::kDropFrames:
    case pprof::kKeepFrames:
    case pprof::kTimeNanos:
    case pprof::kDurationNanos:
    case pprof::kPeriod:
    case pprof::kDefaultSampleType:
    case pprof::kDocUrl:
        return field.wire == Wire::Varint;
    default:
        // Fields of later versions; those of other formats lie anywhere.
        return field.number > pprof::kDocUrl && field.number < 128;
    }
}

/// A message of two small integers.
bool isValueType(std::string_view bytes)
{
    ProtoFields fields(bytes);
    ProtoField field;
    bool type = false;
    while (fields.next(field)) {
        if (field.number > 2 || field.wire != ProtoField::Wire::Varint)
            return false;
        type |= field.number == 1;
    }
    return type && !fields.broken();
}

class PprofImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    /// Walks the fields of the prefix: text and other binary formats are no such message.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        ProtoFields fields(prefix);
        ProtoField field;
        bool types = false, samples = false, tables = false;
        int count = 0;
        while (fields.next(field)) {
            if (!isProfileField(field))
                return Confidence::No;
            if (field.number == pprof::kSampleType) {
                if (!isValueType(field.bytes))
                    return Confidence::No;
                types = true;
            }
            samples |= field.number == pprof::kSample;
            tables |= field.number == pprof::kStringTable || field.number == pprof::kLocation;
            ++count;
        }
        if (fields.broken() && !(fields.cut() && prefix.size() >= kSniffBytes))
            return types && (samples || tables) && fields.cut() ? Confidence::Likely : Confidence::No;
        if (types && (samples || tables))
            return Confidence::Strong;
        return types && count > 1 ? Confidence::Weak : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<PprofReader>();
    }
};

} // namespace

const Importer &pprofImporter()
{
    static const PprofImporter importer;
    return importer;
}

} // namespace tailscope::import
