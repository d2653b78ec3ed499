// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

#include <QVector>

namespace tailscope::app {

/// All views of the program in the order of tabs and menus. Docks, menu entries, palette entries, shortcuts,
/// layout persistence, `tailscope views` and `tailscope render --view` come from these rows.
const QVector<widgets::ViewDescriptor> &viewRegistry();
/// By id; nullptr when unknown.
/// What a view shows (names of Session::contents(), one of them is enough); empty: it always has something.
QStringList contentsOfView(const QString &id);
const widgets::ViewDescriptor *viewById(const QString &id);

} // namespace tailscope::app
