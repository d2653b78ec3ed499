// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/pgcatalog.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/pgcatalog/catalogreader.h"
#include "import/pgcatalog/catalogshape.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pg-catalog",
    "PostgreSQL catalog and statistics views",
    "*.jsonl *.json *.csv *.tsv *.txt",
    SourceKind::Catalog,
    "Printed by psql: the output of 'tailscope catalog-sql', or SELECT * FROM pg_stat_user_tables, "
    "pg_settings, "
    "... as CSV or JSON.",
};

/// Lines before a header that are looked at.
constexpr int kMaxLeadingLines = 20;

/// Names of the first row of a JSON text.
std::vector<std::string> firstKeys(std::string_view prefix)
{
    std::vector<std::string> names;
    const int depth = firstSignificant(prefix) == '[' ? 2 : 1;
    JsonKeyScan scan(prefix);
    JsonKey key;
    int last = 0;
    while (names.size() < CatalogShape::kMaxColumns && scan.next(key)) {
        if (key.depth != depth)
            continue;
        std::string name = CatalogShape::cleanName(key.name);
        // The next row begins with the same key.
        if (last++ > 0 && name == names.front())
            break;
        names.push_back(std::move(name));
    }
    return names;
}

/// The output columns of a plan over the catalog look like a header.
bool isOfPlan(std::string_view line)
{
    for (const std::string_view mark : {"QUERY PLAN", "(cost=", "(actual ", "Output: ", "-> "}) {
        if (line.find(mark) != std::string_view::npos)
            return true;
    }
    return false;
}

class PgCatalogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const char first = firstSignificant(prefix);
        if (first == '{' || first == '[')
            return CatalogShape(firstKeys(prefix)).isKnown() ? Confidence::Strong : Confidence::No;
        const bool cut = prefix.size() >= kSniffBytes;
        for (int i = 0; i < kMaxLeadingLines && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            if (end == std::string_view::npos && cut)
                return Confidence::No;
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (isOfPlan(line))
                return Confidence::No;
            if (!line.empty() && catalogDelimiter(line) != '\0')
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<CatalogReader>(options);
    }
};

} // namespace

const Importer &pgCatalogImporter()
{
    static const PgCatalogImporter importer;
    return importer;
}

} // namespace tailscope::import
