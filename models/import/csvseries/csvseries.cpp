// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvseries/csvseries.h"

#include "base/text.h"
#include "import/csvseries/csvseriesreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "csv-series",
    "Series (CSV, long form)",
    "*.csv *.tsv",
    SourceKind::Metrics,
    "Exported from monitoring systems or written by hand: a header ts,series,labels,value and one value a "
    "line.",
};

class CsvSeriesImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const bool cut = prefix.size() >= kSniffBytes;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            if (end == std::string_view::npos && cut)
                return Confidence::No;
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.empty() || line.front() == '#')
                continue;
            return CsvHeader::parse(line) ? Confidence::Strong : Confidence::No;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<CsvSeriesReader>(options);
    }
};

} // namespace

const Importer &csvSeriesImporter()
{
    static const CsvSeriesImporter importer;
    return importer;
}

} // namespace tailscope::import
