// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QVBoxLayout;

namespace tailscope::items {
class RecentFiles;
}

namespace tailscope::widgets {

/// The first page: open, paste a plan, try a sample (with a paragraph of help), go on with a recent file.
class StartView : public View
{
    Q_OBJECT
public:
    StartView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;

private:
    QWidget *createActions();
    QWidget *createSamples();
    QWidget *createRecent();
    void showHelp(const QString &title, const QString &markdown);

    items::RecentFiles *m_recent;
};

} // namespace tailscope::widgets
