rspamd_config:register_symbol({name='SHOW', score=0.5, callback=function(task)
  local logger = require "rspamd_logger"
  local r = {}
  for _,x in ipairs(task:get_recipients('smtp') or {}) do r[#r+1] = x.addr end
  logger.infox(task, 'SEEN from=%s rcpt=%s ip=%s helo=%s host=%s user=%s queue=%s size=%s', (task:get_from('smtp') or {{}})[1], table.concat(r,'|'), tostring(task:get_ip()), task:get_helo(), task:get_hostname(), task:get_user(), task:get_queue_id(), task:get_size())
  return true
end})
rspamd_config:register_symbol({name='SOFT', score=0, type='prefilter', callback=function(task)
  local s = task:get_header('Subject') or ''
  local m = string.match(s, 'ACT:(.*)')
  if m then task:set_pre_result(m, 'Told so by a rule') end
end})
