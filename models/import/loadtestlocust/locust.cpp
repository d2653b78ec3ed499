// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestlocust/locust.h"

#include "base/text.h"
#include "import/loadtestlocust/locustreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "locust",
    "Locust (CSV)",
    "*_stats.csv *_stats_history.csv *_failures.csv *_exceptions.csv",
    SourceKind::LoadTest,
    "Written by locust --csv=PREFIX: statistics, their history, failures, exceptions.",
};

class LocustImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::string_view start = trimmed(prefix);
        const std::size_t end = start.find('\n');
        if (end == std::string_view::npos && prefix.size() >= kSniffBytes)
            return Confidence::No;
        return locust::LocustHeader::of(start.substr(0, end)) ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<locust::LocustReader>();
    }
};

} // namespace

const Importer &locustImporter()
{
    static const LocustImporter importer;
    return importer;
}

} // namespace tailscope::import
