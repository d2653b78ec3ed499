// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hdr.h"

#include "base/text.h"
#include "import/loadtesthdr/hdrspectrum.h"
#include "import/loadtesthdr/hgrmreader.h"
#include "import/loadtesthdr/hlogreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kHgrm{
    "hdr-percentiles",
    "HdrHistogram percentiles (.hgrm)",
    "*.hgrm *.txt *.csv",
    SourceKind::LoadTest,
    "Printed by HdrHistogram's outputPercentileDistribution(), and by vegeta report -type=hdrplot.",
};
constexpr FormatDescriptor kHlog{
    "hdr-log",
    "HdrHistogram log (.hlog)",
    "*.hlog",
    SourceKind::LoadTest,
    "Written by HdrHistogram's HistogramLogWriter: jHiccup, wrk2's and many Java load generators.",
};

class HgrmImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kHgrm; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        // The first line that is not blank: elsewhere it is a part of another output.
        const std::string_view start = trimmed(prefix.substr(0, 4096));
        return hdr::HdrSpectrum::isHead(start.substr(0, start.find('\n'))) ? Confidence::Magic
                                                                           : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<hdr::HgrmReader>(options);
    }
};

class HlogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kHlog; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (prefix.find("#[Histogram log format version") != std::string_view::npos)
            return Confidence::Magic;
        // Every compressed histogram begins alike.
        for (std::string_view line : split(prefix.substr(0, 4096), '\n')) {
            line = trimmed(line);
            if (line.empty() || line.front() == '#' || line.front() == '"')
                continue;
            return line.find(",HISTFAAA") != std::string_view::npos ? Confidence::Magic : Confidence::No;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<hdr::HlogReader>(options);
    }
};

} // namespace

const Importer &hgrmImporter()
{
    static const HgrmImporter importer;
    return importer;
}

const Importer &hlogImporter()
{
    static const HlogImporter importer;
    return importer;
}

} // namespace tailscope::import
