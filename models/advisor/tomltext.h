// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/result.h"

#include <string>
#include <vector>

namespace tailscope::advisor {

/// Takes values out of a TOML table and tells what is wrong with its file and line. The first problem wins;
/// later calls do nothing. Keys that nobody took are a problem too (see finish()).
class TomlReader
{
public:
    /// `firstLine`: line of the file in which the TOML text begins (1-based).
    TomlReader(const toml::table &table, std::string file, std::uint64_t firstLine);

    void string(const char *key, std::string &value, bool required = false);
    void integer(const char *key, int &value, int low, int high);
    /// A list of texts, or one text.
    void strings(const char *key, std::vector<std::string> &value);
    /// A list of texts joined by ", ", or one text.
    void joined(const char *key, std::string &value);
    /// The table under a key; nullptr when it is absent or no table.
    const toml::table *table(const char *key);
    /// Records a problem at a node.
    void refuse(const toml::node *node, std::string_view key, std::string detail);

    bool hasFailed() const { return m_error.has_value(); }
    /// Refuses unknown keys and returns the first problem.
    Result<void> finish();

private:
    const toml::node *take(const char *key);

    const toml::table &m_table;
    std::string m_file;
    std::uint64_t m_firstLine;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

/// An Error for TOML that does not parse.
Error tomlError(const toml::parse_error &error, const std::string &file, std::uint64_t firstLine);

} // namespace tailscope::advisor
