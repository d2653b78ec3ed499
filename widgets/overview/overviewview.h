// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

#include <QVector>

class QLabel;
class QScrollArea;
class QStackedWidget;
class QTreeWidget;
class QTreeWidgetItem;

namespace tailscope::items {
class OverviewModel;
}

namespace tailscope::widgets {

class Banner;
class LinkTable;

/// Where the time goes: figures of the requests, services, operations, waits, errors, slowest plan nodes,
/// findings. Every figure is a link: it narrows the filter or opens the view that shows it.
class OverviewView : public View
{
    Q_OBJECT
public:
    OverviewView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;
    bool isReady() const override;
    void startSearch() override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Section
    {
        QWidget *box = nullptr;
        QLabel *title = nullptr;
        LinkTable *table = nullptr;
    };
    Section addSection(QWidget *page, const QString &title, const QStringList &columns);
    void refresh();
    void showStreaming();
    void fillGroups(Section &section, const QString &field, bool waits);
    void fillPlans();
    void fillFindings();
    void fillSummary();
    void follow(const QString &link);
    void followRow(QTreeWidgetItem *item);
    void followCell(QTreeWidgetItem *item, const QString &link);
    void selectOperation(QTreeWidgetItem *item);
    void showMenu(QTreeWidget *table, const QPoint &position);
    void fitHeights();
    void arrange();

    items::OverviewModel *m_model;
    QStackedWidget *m_stack;
    Banner *m_banner;
    QLabel *m_summary;
    QWidget *m_page;
    Section m_findings, m_services, m_operations, m_waits, m_plans;
    bool m_wide = false;
};

} // namespace tailscope::widgets
