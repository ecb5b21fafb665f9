/// The answers to the story, byte by byte.
enum Golden {
    static let kpi = #"""
        {"v":1,"tz":"Europe/Istanbul","currency":{"code":"TRY","exponent":2},\#
        "policy":{"id":"net_revenue_v1","tax_basis":"mixed"},"data_version":48213,\#
        "yesterday":{"date":"2026-11-22","dnr":5300000,"cleared":200000,"pending":5100000,"orders":37,\#
        "final":true,"fx_missing":[]},"day_before":{"date":"2026-11-21","dnr":2900000},\#
        "change":{"amount":2400000,"pct":82.7586,"state":"ok"},"today":{"date":"2026-11-23",\#
        "dnr":1210000,"until_local":"14:37","vs_yesterday_same_time":{"amount":90000,"pct":8.0357,\#
        "state":"ok"}},"slope7":{"per_day":-7857.1429,"pct_of_mean":-0.1759,"theil_sen_per_day":122500,\#
        "from":"2026-11-16","to":"2026-11-22","driven_by_one_day":true,"state":"ok"},"avg7":4465714,\#
        "spark":{"from":"2026-11-09","values":[4100000,4350000,4200000,4650000,5010000,5650000,5570000,\#
        4510000,4420000,4550000,4580000,5000000,2900000,5300000]},"components":{"SALE":5600000,\#
        "DISCOUNT":-200000,"REFUND":-100000},"by_source":[{"source":"shopier","currency":{"code":"TRY",\#
        "exponent":2},"dnr":4000000,"orders":30},{"source":"shopify","currency":{"code":"USD",\#
        "exponent":2},"dnr":31000,"orders":7}],"month":{"from":"2026-10-24","to":"2026-11-22","orders":798,\#
        "order_value":6767,"refund_pct":1.8519,"cleared_pct":84.8693,"fx_missing":[]},"pending":{"from":"2026-08-25",\#
        "to":"2026-11-22","amount":19110000,"oldest":"2026-11-11","mean_age_days":3.3998},"sources":[{"id":"generic","last_event_at":null,\#
        "events_24h":0,"state":"never"},{"id":"shopier","last_event_at":"2026-11-23T11:20:00.000Z",\#
        "events_24h":24,"state":"ok"},{"id":"shopify","last_event_at":"2026-11-23T11:36:02.000Z",\#
        "events_24h":61,"state":"ok"},{"id":"stripe","last_event_at":"2026-11-22T09:12:00.000Z",\#
        "events_24h":0,"state":"silent"}],"watchdog":{"last_eval_at":"2026-11-23T11:36:30.000Z"},\#
        "alerts":{"firing":2,"highest":"critical"}}
        """#

    static let skus = #"""
        {"v":1,"tz":"Europe/Istanbul","currency":{"code":"TRY","exponent":2},"data_version":48213,\#
        "from":"2026-11-01","to":"2026-11-23","count":5,"skus":[{"source":"shopify",\#
        "account":"shop.example","product_id":"p1","variant_id":"","sku":"MUG-1","title":"Blue mug",\#
        "units":12,"net":150000}],"fx_missing":["EUR"]}
        """#

    static let series = #"""
        {"v":1,"tz":"Europe/Istanbul","currency":{"code":"TRY","exponent":2},"data_version":48213,\#
        "from":"2026-11-15","to":"2026-11-23","days":["2026-11-15","2026-11-16","2026-11-17",\#
        "2026-11-18","2026-11-19","2026-11-20","2026-11-21","2026-11-22","2026-11-23"],\#
        "cleared":[5050000,3900000,3600000,3300000,2100000,900000,-150000,200000,0],"pending":[520000,\#
        610000,820000,1250000,2480000,4100000,3050000,5100000,1210000],"dnr":[5570000,4510000,4420000,\#
        4550000,4580000,5000000,2900000,5300000,1210000],"ma7":[4790000,4848571,4858571,4908571,4898571,\#
        4897143,4504286,4465714,null],"orders":[30,31,32,33,34,35,36,37,9],"final":[true,true,true,true,\#
        true,true,true,true,false],"restated":[false,false,false,false,false,false,false,false,false],\#
        "dips":[{"date":"2026-11-21","drop_pct":42,"alert_id":7,"fx_missing":[],"fx_awaited":false}],"fx_missing":{},"restated_because":{}}
        """#

    static let alerts = #"""
        {"v":1,"currency":{"code":"TRY","exponent":2},"alerts":[{"id":8,"rule":"NO_SIGNAL",\#
        "scope":"stripe","severity":"warning","state":"FIRING",\#
        "active_since":"2026-11-23T09:12:00.000Z","fired_at":"2026-11-23T09:12:10.000Z",\#
        "resolved_at":null,"resolve_reason":null,"acked_at":null,"acked_by":null,"snoozed_until":null,\#
        "inhibited_by":null,"fx_missing":[],"fx_awaited":false,"detail":{"date":null,"prev":null,"cur":null,"drop_pct":null,\#
        "threshold_pct":null,"last_received_at":"2026-11-22T09:12:00.000Z",\#
        "payouts":null,"discrepancies":null,"oldest_seen_at":null}},{"id":7,\#
        "rule":"REVENUE_DIP","scope":"*","severity":"critical","state":"FIRING",\#
        "active_since":"2026-11-21T23:00:00.000Z","fired_at":"2026-11-21T23:00:20.000Z",\#
        "resolved_at":null,"resolve_reason":null,"acked_at":null,"acked_by":null,"snoozed_until":null,\#
        "inhibited_by":null,"fx_missing":[],"fx_awaited":false,"detail":{"date":"2026-11-21","prev":5000000,"cur":2900000,"drop_pct":42,\#
        "threshold_pct":20,"last_received_at":null,"payouts":null,\#
        "discrepancies":null,"oldest_seen_at":null}}],"next_cursor":null}
        """#

    static let csv = #"""
        date,currency,net_revenue_minor,net_revenue,cleared_minor,cleared,pending_minor,pending,\#
        average7_minor,average7,orders,final,restated,drop_percent,fx_missing,\#
        restated_because,drop_fx_missing\#r\#n\#
        2026-11-20,TRY,5000000,50000.00,900000,9000.00,4100000,41000.00,4897143,48971.43,35,yes,no,,,,\#r\#n\#
        2026-11-21,TRY,2900000,29000.00,-150000,-1500.00,3050000,30500.00,4504286,45042.86,36,yes,no,\#
        42.0,,,\#r\#n\#
        2026-11-22,TRY,5300000,53000.00,200000,2000.00,5100000,51000.00,4465714,44657.14,37,yes,no,,,,\#r\#n
        """#
}
