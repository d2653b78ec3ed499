// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/csvtable.h"

#include "import/csvtable/columnmaps.h"
#include "import/csvtable/csvtablereader.h"
#include "import/csvtable/tablepreview.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "csv-table",
    "Table (CSV, TSV) with a column map",
    "*.csv *.tsv *.txt",
    SourceKind::Metrics,
    "Exports of monitoring systems and spreadsheets: a row a time, a column a series; other layouts by "
    "--map.",
};

class CsvTableImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view fileName) const override
    {
        // A list in another format may well have even commas; a table says so by its name or its header.
        const auto preview = csvtable::TablePreview::read(prefix);
        if (!preview || preview->rows.empty())
            return Confidence::No;
        if (csvtable::rememberedMap(preview->headerLine))
            return Confidence::Strong;
        const bool isNamed = fileName.ends_with(".csv") || fileName.ends_with(".tsv");
        if (!preview->hasHeader || !csvtable::guessMap(*preview))
            return Confidence::No;
        return isNamed ? Confidence::Likely : Confidence::Weak;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<csvtable::CsvTableReader>(options);
    }
};

} // namespace

const Importer &csvTableImporter()
{
    static const CsvTableImporter importer;
    return importer;
}

} // namespace tailscope::import
