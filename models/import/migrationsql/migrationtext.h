// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// A statement of a script, without the comments before it and the semicolon.
struct MigrationStatement
{
    std::string_view text;
    std::size_t offset = 0; ///< in the script
    std::int64_t line = 0; ///< 1-based
    bool down = false; ///< undoes a migration
    bool wrapped = false; ///< the tool puts a transaction around it
};

/// A migration script: what tools write between its statements is understood and blanked out, then it is cut
/// by PostgreSQL's own scanner (dollar quotes, comments, strings).
class MigrationText
{
public:
    /// fileName: without folder; tells the tool and the direction (V1__x.sql, 7_x.down.sql).
    MigrationText(std::string text, std::string_view fileName);
    MigrationText(const MigrationText &) = delete; // the statements point into the text
    MigrationText &operator=(const MigrationText &) = delete;

    const std::vector<MigrationStatement> &statements() const { return m_statements; }
    /// "flyway", "liquibase", "dbmate", "goose", "golang-migrate"; empty = unknown.
    std::string_view tool() const { return m_tool; }
    std::int64_t psqlCommands() const { return m_psqlCommands; }
    std::int64_t dataLines() const { return m_dataLines; } ///< of COPY ... FROM stdin
    /// What could not be cut: from here on, with the scanner's words; npos = nothing.
    std::size_t brokenAt() const { return m_brokenAt; }
    const std::string &brokenReason() const { return m_brokenReason; }
    std::string_view text() const { return m_text; }

private:
    /// From this offset on.
    struct Section
    {
        std::size_t offset = 0;
        bool down = false, wrapped = false;
    };

    void readName(std::string_view fileName);
    void readLines();
    bool readMarker(std::string_view line, std::size_t offset);
    void blank(std::size_t begin, std::size_t end);
    void cut();

    std::string m_text;
    std::string_view m_tool;
    std::vector<Section> m_sections;
    std::vector<MigrationStatement> m_statements;
    std::int64_t m_psqlCommands = 0, m_dataLines = 0;
    std::size_t m_brokenAt = std::string_view::npos;
    std::string m_brokenReason;
};

/// The text behind blanks and comments (nested ones too); empty when nothing follows.
std::string_view withoutLeadingComments(std::string_view text);

} // namespace tailscope::import
