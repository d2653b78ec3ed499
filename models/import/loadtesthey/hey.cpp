// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthey/hey.h"

#include "base/text.h"
#include "import/loadtesthey/heycsv.h"
#include "import/loadtesthey/heytext.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kText{
    "hey",
    "hey (text)",
    "*.txt *.log",
    SourceKind::LoadTest,
    "Printed by hey at the end of a run.",
    RecordJoin::Bytes,
};
constexpr FormatDescriptor kCsv{
    "hey-csv",
    "hey requests (CSV)",
    "*.csv",
    SourceKind::LoadTest,
    "Written by hey -o csv.",
};

class HeyTextImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kText; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::size_t at = prefix.find("Summary:");
        if (at == std::string_view::npos || (at > 0 && prefix[at - 1] != '\n'))
            return Confidence::No;
        const auto has = [rest = prefix.substr(at)](
                             std::string_view text) { return rest.find(text) != std::string_view::npos; };
        return has("Slowest:") && has("Fastest:") && has("Requests/sec:") ? Confidence::Magic
                                                                          : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<hey::HeyTextReader>();
    }
};

class HeyCsvImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kCsv; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::string_view start = trimmed(prefix.substr(0, 4096));
        return start.starts_with("response-time,DNS+dialup,DNS,Request-write") ? Confidence::Magic
                                                                               : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<hey::HeyCsvReader>();
    }
};

} // namespace

const Importer &heyTextImporter()
{
    static const HeyTextImporter importer;
    return importer;
}

const Importer &heyCsvImporter()
{
    static const HeyCsvImporter importer;
    return importer;
}

} // namespace tailscope::import
