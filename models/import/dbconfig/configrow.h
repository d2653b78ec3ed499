// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rowsink.h"

#include <string_view>

namespace tailscope::import {

/// One row of `config`; what is empty is NULL, but for the value. Keys and units are those of the topology
/// format (models/import/topology/README.md) where they mean the same.
struct ConfigRow
{
    std::string_view kind, subject, parent, key, value, unit;
};
void writeConfig(RowSink &sink, const ConfigRow &row);

/// One row of `setting`; what is empty is NULL, but for the value.
struct SettingRow
{
    std::string_view name, value, unit, context, source, bootValue;
};
void writeSetting(RowSink &sink, RecordRef server, const SettingRow &row);

/// Unit of a setting of PgBouncer ("s", "bytes"); empty when it has none.
std::string_view pgbouncerUnit(std::string_view name);

/// True for settings of PgBouncer and PostgreSQL whose value may hold a password or a command with one.
bool isSecretSetting(std::string_view name);

} // namespace tailscope::import
