// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/indexadvice.h"
#include "base/result.h"
#include "store/database.h"

#include <map>
#include <string>

namespace tailscope::advisor {

/// Tables, indexes and statistics of all catalogs in a workspace, by name.
class IndexCatalog
{
public:
    static Result<IndexCatalog> load(store::Database &reader);
    /// Facts of a table; unknown when no catalog has it, or several schemas do and `schema` is empty.
    const TableFacts &table(const std::string &schema, const std::string &relation) const;

private:
    using Schemas = std::map<std::string, TableFacts>;

    TableFacts &made(std::string_view schema, std::string_view relation);
    Result<void> loadTables(store::Database &reader);
    Result<void> loadColumns(store::Database &reader);
    Result<void> loadIndexes(store::Database &reader);

    std::map<std::string, Schemas> m_tables; // by relation
};

} // namespace tailscope::advisor
