// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <QJsonObject>

namespace tailscope::import {

/// A type as format_type() prints it ("character varying(50)", "timestamp with time zone", "text[]"), from a
/// TypeName of libpg_query.
std::string ddlTypeName(const QJsonObject &typeName);
/// serial, bigserial, smallserial: an integer with a sequence as default.
bool isSerialType(const std::string &type);
/// "schema.name" of a RangeVar, or "name".
std::string ddlRelationName(const QJsonObject &relation);
/// The names of a list of String nodes, '.' between.
std::string ddlDottedName(const QJsonArray &names);

} // namespace tailscope::import
