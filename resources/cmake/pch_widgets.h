// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled header of the widgets and the application.
#pragma once

#include "pch_core.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QTimer>
#include <QtGui/QAction>
#include <QtGui/QPainter>
#include <QtWidgets/QWidget>
