// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"
#include "import/migrationsql/ddltree.h"
#include "import/migrationsql/migrationtext.h"

#include <map>
#include <string>

namespace tailscope::import {

/// Reads a script of SQL whole (at most kMaxBytes): a row for each statement, and for each part of an ALTER
/// TABLE.
class MigrationReader final : public Reader
{
public:
    static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    void take(const MigrationStatement &statement, const MigrationText &script, RowSink &sink,
        ImportReport &report);
    void followTransaction(const DdlAction &action);

    std::string m_file;
    std::int64_t m_position = 0;
    bool m_inTransaction = false;
};

} // namespace tailscope::import
